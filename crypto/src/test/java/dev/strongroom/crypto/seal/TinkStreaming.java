package dev.strongroom.crypto.seal;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** The reference: tink-java's own implementation of the sealed format. */
public final class TinkStreaming {
    private TinkStreaming() {}

    public static byte[] seal(byte[] ikm, byte[] plaintext, byte[] associatedData) {
        var out = new ByteArrayOutputStream();
        try (var stream = tink(ikm).newEncryptingStream(out, associatedData)) {
            stream.write(plaintext);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    public static byte[] open(byte[] ikm, byte[] sealed, byte[] associatedData) throws IOException {
        try (var stream =
                tink(ikm).newDecryptingStream(new ByteArrayInputStream(sealed), associatedData)) {
            return stream.readAllBytes();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static AesGcmHkdfStreaming tink(byte[] ikm) {
        try {
            return new AesGcmHkdfStreaming(ikm, "HmacSha256", 32, 1024 * 1024, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
