package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.tpm.TpmEvidence;
import dev.strongroom.attestation.tpm.TpmFormatException;
import dev.strongroom.attestation.tpm.TpmQuote;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON in which Confidential Containers' attesters for Azure hand evidence on
 * (guest-components, az-snp-vtpm and az-tdx-vtpm, versions 1 and 2): {@code tpm_quote} with hex
 * fields, {@code hcl_report} and {@code vcek} or {@code td_quote} in base64url. For reading others'
 * files; ours travels in the encoding of all evidence.
 *
 * @param evidence what is to be verified
 * @param certificates the chip's certificate, DER, where the file has it
 */
public record CocoEvidence(AzureEvidence evidence, List<byte[]> certificates) {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int ALL_REGISTERS = 24;

    /**
     * Reads a file.
     *
     * @throws AzureFormatException if it is anything else
     */
    public static CocoEvidence parse(byte[] json) throws AzureFormatException {
        try {
            Map<?, ?> document = object(Json.parse("evidence", json, MAX_BYTES), "document");
            Object version = document.get("version");
            if (!Long.valueOf(1).equals(version) && !Long.valueOf(2).equals(version)) {
                throw malformed("version", "1 or 2");
            }
            Map<?, ?> quote = object(document.get("tpm_quote"), "tpm_quote");
            byte[] message = hex(quote, "message");
            var tpm =
                    new TpmEvidence(
                            message,
                            hex(quote, "signature"),
                            new byte[0],
                            registers(message, quote.get("pcrs")),
                            new byte[0]);
            byte[] tdQuote = optional(document, "td_quote");
            byte[] vcek = optional(document, "vcek");
            return new CocoEvidence(
                    new AzureEvidence(
                            base64(document.get("hcl_report"), "hcl_report"), tdQuote, tpm),
                    vcek.length == 0 ? List.of() : List.of(vcek));
        } catch (MalformedEncodingException e) {
            throw new AzureFormatException(String.valueOf(e.getMessage()));
        }
    }

    /** The values of the quoted registers, of which the file may have more. */
    private static byte[] registers(byte[] message, @Nullable Object values)
            throws AzureFormatException {
        if (!(values instanceof List<?> list) || list.size() > ALL_REGISTERS) {
            throw malformed("pcrs", "at most " + ALL_REGISTERS + " values");
        }
        List<Integer> quoted = quoted(message);
        boolean exact = list.size() == quoted.size();
        if (!exact && list.size() != ALL_REGISTERS) {
            throw malformed("pcrs", "the quoted registers, or all " + ALL_REGISTERS);
        }
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < quoted.size(); i++) {
            int index = exact ? i : quoted.get(i);
            if (index >= list.size() || !(list.get(index) instanceof String text)) {
                throw malformed("pcrs", "hex");
            }
            out.writeBytes(hex(text, "pcrs"));
        }
        return out.toByteArray();
    }

    private static List<Integer> quoted(byte[] message) throws AzureFormatException {
        try {
            return TpmQuote.parse(message).selections().stream()
                    .flatMap(selection -> selection.pcrs().stream())
                    .toList();
        } catch (TpmFormatException e) {
            throw malformed("message", "a TPM quote");
        }
    }

    private static byte[] hex(Map<?, ?> object, String field) throws AzureFormatException {
        if (object.get(field) instanceof String text) {
            return hex(text, field);
        }
        throw malformed(field, "hex");
    }

    private static byte[] hex(String text, String field) throws AzureFormatException {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw malformed(field, "hex");
        }
    }

    private static byte[] optional(Map<?, ?> document, String field) throws AzureFormatException {
        return document.containsKey(field) ? base64(document.get(field), field) : new byte[0];
    }

    private static byte[] base64(@Nullable Object value, String field) throws AzureFormatException {
        try {
            if (value instanceof String text) {
                return Base64.getUrlDecoder().decode(text);
            }
        } catch (IllegalArgumentException e) {
            throw malformed(field, "base64url");
        }
        throw malformed(field, "base64url");
    }

    private static Map<?, ?> object(@Nullable Object value, String field)
            throws AzureFormatException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw malformed(field, "an object");
    }

    private static AzureFormatException malformed(String field, String expected) {
        return new AzureFormatException("evidence: " + field + ": expected " + expected);
    }
}
