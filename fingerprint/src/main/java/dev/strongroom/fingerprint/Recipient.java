package dev.strongroom.fingerprint;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Who holds a marked copy: one boot of one node, by the release that gave it the key. All of it is
 * in the audit log, so that the owner can list every recipient there ever was.
 *
 * @param bootId of the node's boot, lower-case hex
 * @param releaseLeaf index of the release in the audit log
 */
public record Recipient(String bootId, long releaseLeaf) {
    private static final String DOMAIN = "strongroom/fingerprint/recipient/v1";

    byte[] encode() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            text(out, DOMAIN);
            text(out, bootId);
            out.writeLong(releaseLeaf);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }
}
