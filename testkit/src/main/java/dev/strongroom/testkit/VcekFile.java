package dev.strongroom.testkit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.snp.ProductLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;

/**
 * Where a saved chip keeps the signing key of a chip id and firmware version: a chip in silicon has
 * the same one at every start too, and makes none while a node waits. Length of the key, PKCS#8,
 * certificate.
 */
record VcekFile(Path path) {
    /** A key and its certificate, DER. */
    record Kept(PrivateKey key, byte[] leaf) {}

    static VcekFile of(Path chip, ProductLine line, ChipConfig config) {
        ByteBuffer name = ByteBuffer.allocate(config.chipId().length + Long.BYTES);
        name.put(config.chipId()).putLong(config.tcb().raw(line));
        return new VcekFile(chip.resolve("vcek-" + Digest.sha256(name.array()).hex()));
    }

    Optional<Kept> read() throws GeneralSecurityException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        try {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
            byte[] key = new byte[file.getInt()];
            file.get(key);
            byte[] leaf = new byte[file.remaining()];
            file.get(leaf);
            return Optional.of(
                    new Kept(
                            KeyFactory.getInstance("EC")
                                    .generatePrivate(new PKCS8EncodedKeySpec(key)),
                            leaf));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Several processes may write; whose key stays does not matter. */
    void write(Kept kept) {
        byte[] key = kept.key().getEncoded();
        ByteBuffer file = ByteBuffer.allocate(Integer.BYTES + key.length + kept.leaf().length);
        file.putInt(key.length).put(key).put(kept.leaf());
        try {
            Path temporary =
                    Files.createTempFile(
                            path.getParent(),
                            "vcek",
                            "",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.write(temporary, file.array());
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
