package dev.strongroom.attestation.encoding;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** One block of RFC 7468 text. What stands before and behind it is passed over. */
public final class PemText {
    private PemText() {}

    /**
     * The bytes of the first block with this label, for example {@code PRIVATE KEY}; the caller
     * zeroes a secret's.
     *
     * @throws MalformedEncodingException if there is none, or not base64 in it
     */
    public static byte[] block(byte[] text, String label) throws MalformedEncodingException {
        String all = new String(text, StandardCharsets.US_ASCII);
        String begin = "-----BEGIN " + label + "-----";
        int start = all.indexOf(begin);
        int end = all.indexOf("-----END " + label + "-----", start + begin.length());
        if (start < 0 || end < 0) {
            throw new MalformedEncodingException("expected a PEM block \"" + label + "\"");
        }
        try {
            return Base64.getMimeDecoder().decode(all.substring(start + begin.length(), end));
        } catch (IllegalArgumentException e) {
            throw new MalformedEncodingException("the PEM block \"" + label + "\" is damaged");
        }
    }

    /** The block as text that ends with a line feed. */
    public static byte[] write(String label, byte[] der) {
        String base64 =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        String text =
                "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
