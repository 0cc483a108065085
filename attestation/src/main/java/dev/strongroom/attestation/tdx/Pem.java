package dev.strongroom.attestation.tdx;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The PCK chain inside a quote: certificates as PEM (RFC 7468), one after the other, with the line
 * ends that their generator likes and zeros behind them. Nothing else stands between, because
 * nothing signs it.
 */
final class Pem {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private Pem() {}

    /** The certificates, DER, at most {@code max}. */
    static List<byte[]> certificates(byte[] text, int max) throws TdxFormatException {
        int end = text.length;
        while (end > 0 && text[end - 1] == 0) {
            end--;
        }
        var certificates = new ArrayList<byte[]>();
        var body = new StringBuilder();
        boolean inside = false;
        for (String line : lines(text, end)) {
            if (inside && line.equals(END)) {
                certificates.add(decoded(body.toString()));
                inside = false;
            } else if (inside && !line.isEmpty()) {
                body.append(line);
            } else if (line.equals(BEGIN) && certificates.size() < max) {
                body.setLength(0);
                inside = true;
            } else {
                throw malformed("expected at most " + max + " certificates and nothing between");
            }
        }
        if (inside) {
            throw malformed("expected the end of a certificate");
        }
        return certificates;
    }

    private static List<String> lines(byte[] text, int end) {
        return new String(text, 0, end, StandardCharsets.ISO_8859_1).lines().toList();
    }

    private static byte[] decoded(String base64) throws TdxFormatException {
        try {
            byte[] der = Base64.getDecoder().decode(base64);
            if (Base64.getEncoder().encodeToString(der).equals(base64)) {
                return der;
            }
        } catch (IllegalArgumentException e) {
            // not base64: refused like base64 with a second spelling
        }
        throw malformed("expected base64 in its only spelling");
    }

    private static TdxFormatException malformed(String expected) {
        return new TdxFormatException("certificate chain: PEM, " + expected);
    }
}
