package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.crypto.transparency.MerkleTree;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.Key;
import java.security.KeyStore;
import java.util.Arrays;
import javax.crypto.Mac;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Key records as a better token would have written them, by the format alone and with the MAC key
 * out of a key store: what a vault has that was moved to a worse token later.
 */
final class ForgedRecord {
    private static final int MAC_BYTES = 32;
    private static final int PLACE_BYTES = 8;
    private static final int LEVEL_FROM_END = 4 + 32 + 4 + 40 + 1; // manifest, wrapped key, level

    private ForgedRecord() {}

    /** The record of a push that says another level, and is authentic. */
    static byte[] atLevel(TrustLevel level, byte[] record, VaultConfig.KeyStore files)
            throws Exception {
        byte[] body = Arrays.copyOf(record, record.length - PLACE_BYTES - MAC_BYTES);
        int at = body.length - LEVEL_FROM_END;
        assertThat(body[at]).isEqualTo((byte) TrustLevel.SOFTWARE.number());
        body[at] = (byte) level.number();
        byte[] root = MerkleTree.leafHash(body).bytes();
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(macKey(files));
        byte[] head =
                Canonical.of("strongroom/wrapped-key-tree", 1).u32(1).bytes(root).toByteArray();
        return ByteBuffer.allocate(record.length)
                .put(body)
                .putInt(0)
                .putInt(1)
                .put(mac.doFinal(head))
                .array();
    }

    private static Key macKey(VaultConfig.KeyStore files) throws Exception {
        char[] password =
                Files.readString(files.passwordFile().orElseThrow(), StandardCharsets.US_ASCII)
                        .toCharArray();
        var store = KeyStore.getInstance("BCFKS", new BouncyCastleProvider());
        try (InputStream file = Files.newInputStream(files.file())) {
            store.load(file, password);
        }
        return store.getKey("strongroom/record-mac", new char[0]);
    }
}
