package dev.strongroom.agent;

import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Takes the owner's statements, from whoever brings them: the signature counts. Taking one again
 * changes nothing.
 *
 * <p>Thread-safe.
 */
final class OwnerDesk {
    private final AgentKeys keys;
    private final OwnerWord owner;
    private final Decisions decisions;
    private final Gate gate;

    OwnerDesk(AgentKeys keys, OwnerWord owner, Decisions decisions, Gate gate) {
        this.keys = keys;
        this.owner = owner;
        this.decisions = decisions;
        this.gate = gate;
    }

    /**
     * Takes a part.
     *
     * @return number of the newest decision, which is this one unless the agent had the part
     */
    long add(String peer, byte[] envelope, byte[] ownerSpki) throws DeniedException {
        return gate.pass(peer, Map.of("asked", "add-part"), () -> add(envelope, ownerSpki));
    }

    private long add(byte[] envelope, byte[] ownerSpki) throws Refusal, IOException {
        PartStatement part = readPart(envelope, ownerSpki);
        long decision =
                decisions.decide((memory, pen) -> {
                    Optional<PartStatement> before = memory.part(part.versionId());
                    if (before.isPresent()) {
                        return same(before.get(), part, memory);
                    }
                    if (memory.parts() >= AgentMemory.MAX_PARTS) {
                        throw new Refusal(
                                "part.room", "this agent has all the parts that it takes");
                    }
                    return pen.write(
                            Records.PART_ADDED,
                            Records.OWNER,
                            Map.of(
                                    "model",
                                    part.model().toString(),
                                    "version-id",
                                    part.versionId().hex(),
                                    "content",
                                    part.contentDigest().hex(),
                                    Records.STATEMENT,
                                    base64(envelope),
                                    Records.OWNER_KEY,
                                    base64(ownerSpki)));
                });
        FaultPoint.PART_RECORDED.reached();
        return decision;
    }

    private PartStatement readPart(byte[] envelope, byte[] ownerSpki) throws Refusal {
        try {
            PartStatement part = owner.part(envelope, ownerSpki);
            Arrays.fill(keys.open(part), (byte) 0); // that it opens is all that counts here
            return part;
        } catch (SealedFormatException e) {
            throw new Refusal("part.owner", e);
        } catch (GeneralSecurityException e) {
            throw new Refusal("part.key", "the part is not encrypted to this agent's part key");
        }
    }

    private static long same(PartStatement before, PartStatement part, AgentMemory memory)
            throws Refusal {
        if (Arrays.equals(before.encode(), part.encode())) {
            return memory.newest();
        }
        throw new Refusal("part.exists", "the version has another part");
    }

    /**
     * Takes a revocation.
     *
     * @return number of the newest decision, which is this one unless that was revoked before
     */
    long revoke(String peer, byte[] envelope, byte[] ownerSpki) throws DeniedException {
        return gate.pass(peer, Map.of("asked", "revoke"), () -> revoke(envelope, ownerSpki));
    }

    private long revoke(byte[] envelope, byte[] ownerSpki) throws Refusal, IOException {
        PartRevocation revocation = readRevocation(envelope, ownerSpki);
        return decisions.decide((memory, pen) ->
                memory.isRevoked(revocation.kind(), revocation.subject())
                        ? memory.newest()
                        : pen.write(
                                Records.PART_REVOKED,
                                Records.OWNER,
                                Map.of(
                                        "kind",
                                        revocation.kind().label(),
                                        "subject",
                                        revocation.subject(),
                                        "reason",
                                        Records.text(revocation.reason()),
                                        Records.STATEMENT,
                                        base64(envelope),
                                        Records.OWNER_KEY,
                                        base64(ownerSpki))));
    }

    private PartRevocation readRevocation(byte[] envelope, byte[] ownerSpki) throws Refusal {
        try {
            return owner.revocation(envelope, ownerSpki);
        } catch (SealedFormatException e) {
            throw new Refusal("revocation.owner", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
