package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Remembers the newest identity of the vault that was seen. A key that was replaced since counts
 * only for what it signed before, whoever shows the identity in which it was the present one.
 *
 * <p>Thread-safe, also between processes.
 */
final class IdentityMemory {
    private static final String NEXT =
            "keep the context folder as evidence: the vault was rolled back, or somebody who has an"
                    + " old key of it answers; ask its operator";

    private final Path folder;
    private final Path file;

    IdentityMemory(Profile profile) throws IOException {
        this.folder = profile.stateFolder();
        this.file = folder.resolve("vault-identity");
    }

    /**
     * An identity as a node shows it.
     *
     * @param shown the one under which the node got its lease
     * @param newest the same, or a later one that was seen before
     */
    record Shown(VaultIdentity shown, VaultIdentity newest) {}

    /** What the vault itself shows: the newest one, or a later one than that. */
    VaultIdentity latest(byte[] envelope, Digest pin, TrustAnchors anchors)
            throws ClientException, IOException {
        VaultIdentity identity = Vaults.verify(envelope, pin, anchors);
        try (var _ = StateLock.hold(folder)) {
            accept(identity, envelope, read(pin, anchors));
        }
        return identity;
    }

    /** What a node shows, which may be from before the vault's last change of keys. */
    Shown shown(byte[] envelope, Digest pin, TrustAnchors anchors)
            throws ClientException, IOException {
        VaultIdentity identity = Vaults.verify(envelope, pin, anchors);
        try (var _ = StateLock.hold(folder)) {
            Optional<VaultIdentity> seen = read(pin, anchors);
            if (seen.isPresent() && identity.number() < seen.get().number()) {
                requireFollows(seen.get(), identity);
                return new Shown(identity, seen.get());
            }
            accept(identity, envelope, seen);
        }
        return new Shown(identity, identity);
    }

    private void accept(VaultIdentity identity, byte[] envelope, Optional<VaultIdentity> seen)
            throws ClientException, IOException {
        if (seen.isPresent()) {
            requireFollows(identity, seen.get());
        }
        if (seen.isEmpty() || identity.number() > seen.get().number()) {
            LocalFiles.replace(file, envelope);
        }
    }

    private static void requireFollows(VaultIdentity later, VaultIdentity earlier)
            throws ClientException {
        try {
            later.requireFollows(earlier);
        } catch (SealedFormatException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    String.valueOf(e.getMessage()),
                    NEXT,
                    e);
        }
    }

    private Optional<VaultIdentity> read(Digest pin, TrustAnchors anchors)
            throws ClientException, IOException {
        return Files.exists(file)
                ? Optional.of(Vaults.verify(Files.readAllBytes(file), pin, anchors))
                : Optional.empty();
    }
}
