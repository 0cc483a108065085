package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.encoding.Der;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What Intel wrote into a PCK certificate ("SGX PCK Certificate and CRL Profile Specification",
 * 1.2.840.113741.1.13.1): for which platform and at which security versions the key was certified.
 * Entries in any order, none twice; those that are not needed here are passed over.
 *
 * @param components security versions of the platform's sixteen SGX parts, immutable by convention
 * @param pceSvn security version of the provisioning certification enclave
 * @param pceId lower-case hex, 2 bytes
 * @param fmspc family, model, stepping, platform type and SKU: lower-case hex, 6 bytes
 * @param ppid the platform's provisioning id: lower-case hex, 16 bytes
 * @param platformInstance lower-case hex, 16 bytes; multi-package platforms only
 */
public record PckExtension(
        int[] components,
        int pceSvn,
        String pceId,
        String fmspc,
        String ppid,
        Optional<String> platformInstance) {
    static final String OID = "1.2.840.113741.1.13.1";
    static final int COMPONENTS = 16;

    private static final String ARC = "2a864886f84d010d01"; // OID, encoded
    private static final String PPID = ARC + "01";
    private static final String TCB = ARC + "02";
    private static final String PCE_ID = ARC + "03";
    private static final String FMSPC = ARC + "04";
    private static final String PLATFORM_INSTANCE = ARC + "06";
    private static final int PCE_SVN_ARC = 17;

    /**
     * Reads the extension's value: a SEQUENCE of OID and value.
     *
     * @throws TdxFormatException if an entry is missing, twice there or of another form
     */
    public static PckExtension parse(byte[] der) throws TdxFormatException {
        try {
            Map<String, Der> entries = entries(Der.whole(der, Der.SEQUENCE));
            Map<String, Der> tcb = entries(entry(entries, TCB).require(Der.SEQUENCE));
            int[] components = new int[COMPONENTS];
            for (int i = 0; i < COMPONENTS; i++) {
                components[i] = entry(tcb, tcbArc(i + 1)).unsigned(0xff);
            }
            Der instance = entries.get(PLATFORM_INSTANCE);
            return new PckExtension(
                    components,
                    entry(tcb, tcbArc(PCE_SVN_ARC)).unsigned(0xffff),
                    octets(entry(entries, PCE_ID), 2),
                    octets(entry(entries, FMSPC), 6),
                    octets(entry(entries, PPID), 16),
                    instance == null ? Optional.empty() : Optional.of(octets(instance, 16)));
        } catch (MalformedEncodingException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Der> entries(Der sequence)
            throws MalformedEncodingException, TdxFormatException {
        var entries = new LinkedHashMap<String, Der>();
        int end = sequence.content();
        for (Der entry; end < sequence.end(); end = entry.end()) {
            entry = entries.isEmpty() ? sequence.first() : nextAfter(end, sequence);
            Der oid = entry.require(Der.SEQUENCE).first().require(Der.OID);
            Der value = oid.next(entry);
            if (value.end() != entry.end()) {
                throw malformed("expected an OID and one value in each entry");
            }
            if (entries.put(HexFormat.of().formatHex(oid.value()), value) != null) {
                throw malformed("expected no entry twice");
            }
        }
        return entries;
    }

    private static Der nextAfter(int end, Der sequence) throws MalformedEncodingException {
        return new Der(sequence.bytes(), 0, end, end).next(sequence);
    }

    private static Der entry(Map<String, Der> entries, String oid) throws TdxFormatException {
        Der value = entries.get(oid);
        if (value == null) {
            throw malformed("expected an entry " + oid);
        }
        return value;
    }

    private static String octets(Der value, int length)
            throws MalformedEncodingException, TdxFormatException {
        byte[] octets = value.require(Der.OCTET_STRING).value();
        if (octets.length != length) {
            throw malformed("expected " + length + " octets");
        }
        return HexFormat.of().formatHex(octets);
    }

    private static String tcbArc(int arc) {
        return TCB + HexFormat.of().toHexDigits((byte) arc);
    }

    private static TdxFormatException malformed(String message) {
        return new TdxFormatException("PCK extension: " + message);
    }

    @Override
    public String toString() {
        return "PckExtension[fmspc %s, components %s, pceSvn %d]"
                .formatted(fmspc, Arrays.toString(components), pceSvn);
    }
}
