package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;

/**
 * A document of Intel's collateral service: {@code {"tcbInfo":{…},"signature":"…"}}. The signature
 * is over the member's bytes as they stand there, so they are kept and never written again.
 *
 * @param body the signed member, byte for byte
 * @param signature r and s, 64 bytes
 */
record SignedJson(byte[] body, byte[] signature) {
    private static final String SIGNATURE = "signature";
    private static final int SIGNATURE_LITERAL = 2 + 2 * 64; // quotes around hex

    /**
     * Takes a document apart.
     *
     * @param member name of the signed member
     */
    static SignedJson parse(String member, byte[] document, int maxBytes)
            throws TdxFormatException {
        Map<String, byte[]> members;
        try {
            members = Json.members(member, document, maxBytes);
        } catch (MalformedEncodingException e) {
            throw new TdxFormatException(String.valueOf(e.getMessage()));
        }
        byte[] body = members.get(member);
        byte[] signature = members.get(SIGNATURE);
        if (body == null || signature == null || members.size() != 2) {
            throw new TdxFormatException(
                    "%s: expected the members %s and %s".formatted(member, member, SIGNATURE));
        }
        return new SignedJson(body, signature(member, signature));
    }

    /** Lower case only, as Intel writes it: nothing signs the signature's own spelling. */
    private static byte[] signature(String member, byte[] literal) throws TdxFormatException {
        String text = new String(literal, StandardCharsets.US_ASCII);
        if (text.length() != SIGNATURE_LITERAL || !text.matches("\"[0-9a-f]+\"")) {
            throw new TdxFormatException(
                    member + ": signature: expected 64 bytes in lower-case hex");
        }
        return HexFormat.of().parseHex(text, 1, text.length() - 1);
    }
}
