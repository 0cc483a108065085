package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.MoveAliasRequest;
import dev.strongroom.proto.v1.MoveAliasResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Names for versions of a model, which nodes and callers go by: each move of one is signed with the
 * owner root and follows the move in force. Not thread-safe.
 */
public final class Aliases {
    private final VaultConnection vault;
    private final Digest pin;
    private final TrustAnchors anchors;
    private final EvidenceVerifier verifier;
    private final AliasMemory memory;

    /**
     * @param verifier as for {@link ModelCatalog}
     */
    public Aliases(
            VaultConnection vault, Digest pin, TrustAnchors anchors, EvidenceVerifier verifier)
            throws IOException {
        this.vault = vault;
        this.pin = pin;
        this.anchors = anchors;
        this.verifier = verifier;
        this.memory = new AliasMemory(vault.profile());
    }

    /**
     * An alias as its owner moved it last.
     *
     * @param number of the version that it means, as the vault numbers it; 0 for none
     */
    public record Alias(VerifiedAlias last, long number, Instant movedAt) {}

    /** Whether a move is made or only looked at. */
    public enum Step {
        DO,
        /** Nothing is sent. */
        PREVIEW
    }

    /**
     * What came of a move.
     *
     * @param from number of the version that it meant before; 0 for none
     * @param to number of the version that it means now; 0 for none
     * @param auditLeaf that says so; empty when nothing was sent, because it was only looked at or
     *     the alias means that version already
     */
    public record Moved(AliasMove move, long from, long to, OptionalLong auditLeaf) {}

    /**
     * The aliases of a model, also those that mean nothing any more, signatures verified.
     *
     * @throws ClientException of kind VERIFICATION_FAILED when one is not the owner's, earlier than
     *     what was seen before, or missing
     */
    public List<Alias> list(ModelName model) throws ClientException, IOException {
        Digest owner = vault.profile().requireOwner();
        ListAliasesResponse answer =
                vault.models()
                        .listAliases(
                                ListAliasesRequest.newBuilder().setModel(model.toString()).build());
        Checks.require(
                answer.getAliasesCount() <= AliasMove.MAX_OF_MODEL,
                "the vault answered with %d aliases of %s (expected: at most %d)"
                        .formatted(answer.getAliasesCount(), model, AliasMove.MAX_OF_MODEL),
                "strongroom doctor");
        var aliases = new ArrayList<Alias>();
        for (ListAliasesResponse.Alias shown : answer.getAliasesList()) {
            VerifiedAlias last =
                    Checks.verified(
                            "an alias of " + model,
                            "ask the model's owner what it means",
                            () ->
                                    AliasMove.verify(
                                            Dsse.decode(shown.getMove().toByteArray()),
                                            owner,
                                            answer.getOwnerSpki().toByteArray()));
            Checks.require(
                    last.move().model().equals(model),
                    "the vault answered with an alias of " + last.move().model(),
                    "strongroom doctor");
            aliases.add(
                    new Alias(
                            last,
                            shown.getNumber(),
                            Instant.ofEpochMilli(shown.getMovedAtMillis())));
        }
        memory.acceptAll(model, aliases.stream().map(Alias::last).toList());
        return aliases;
    }

    /**
     * Has an alias mean a version. When it fails the move may be in force all the same: done again,
     * it sends the very same move.
     *
     * @param expected what it must mean now, 0 for nothing; empty: whatever it does
     * @throws ClientException of kind CONFLICT when it means something else than expected
     */
    public Moved point(AliasPath path, VersionTarget target, OptionalLong expected, Step step)
            throws ClientException, IOException {
        ModelCatalog.Version version = target.find(new ModelCatalog(vault, verifier), path.model());
        Optional<Alias> now = find(path);
        requireExpected(path, now, expected);
        VersionId id = version.manifest().content().versionId();
        return now.isPresent() && now.get().last().move().target().equals(Optional.of(id))
                ? new Moved(
                        now.get().last().move(),
                        now.get().number(),
                        version.number(),
                        OptionalLong.empty())
                : move(path, now, Optional.of(id), version.number(), step);
    }

    /**
     * Has an alias mean nothing any more.
     *
     * @throws ClientException of kind NOT_FOUND when it means nothing now
     */
    public Moved remove(AliasPath path, OptionalLong expected, Step step)
            throws ClientException, IOException {
        Optional<Alias> now = find(path);
        if (now.flatMap(alias -> alias.last().move().target()).isEmpty()) {
            throw new ClientException(
                    ClientException.Kind.NOT_FOUND,
                    "there is no alias " + path,
                    "see what there is: strongroom model alias list " + path.model());
        }
        requireExpected(path, now, expected);
        return move(path, now, Optional.empty(), 0, step);
    }

    private Optional<Alias> find(AliasPath path) throws ClientException, IOException {
        return list(path.model()).stream()
                .filter(alias -> alias.last().move().alias().equals(path.alias()))
                .findFirst();
    }

    private static void requireExpected(AliasPath path, Optional<Alias> now, OptionalLong expected)
            throws ClientException {
        long number = now.map(Alias::number).orElse(0L);
        if (expected.isPresent() && expected.getAsLong() != number) {
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    "%s means %s now (expected: %s)"
                            .formatted(path, named(number), named(expected.getAsLong())),
                    "look who moved it: strongroom audit list");
        }
    }

    private static String named(long number) {
        return number == 0 ? "no version" : "version " + number;
    }

    private Moved move(
            AliasPath path, Optional<Alias> now, Optional<VersionId> target, long to, Step step)
            throws ClientException, IOException {
        OwnerKey owner = OwnerKey.load(vault.profile());
        AliasMove next = memory.next(now.map(Alias::last), path, target);
        OptionalLong leaf =
                step == Step.PREVIEW ? OptionalLong.empty() : OptionalLong.of(send(next, owner));
        return new Moved(next, now.map(Alias::number).orElse(0L), to, leaf);
    }

    private long send(AliasMove next, OwnerKey owner) throws ClientException, IOException {
        VaultIdentity identity = vault.identify(pin, anchors);
        memory.sign(next); // whatever the vault answers, it has this move from now on
        Dsse signed = owner.sign(next::sign);
        VerifiedAlias move =
                Checks.verified(
                        "the move just signed",
                        "restore the owner key from one backup",
                        () -> AliasMove.verify(signed, owner.keyId(), owner.spki()));
        MoveAliasResponse response =
                vault.models()
                        .moveAlias(
                                MoveAliasRequest.newBuilder()
                                        .setMove(ByteString.copyFrom(signed.encode()))
                                        .build());
        long leaf =
                new LogMemory(vault.profile())
                        .requireLogged(
                                response.getProof(),
                                identity,
                                vault,
                                record -> LogLeaf.isMove(record, move),
                                "this move",
                                "strongroom model alias list " + next.model());
        memory.accept(move);
        return leaf;
    }
}
