package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.cbor.Cbor;
import dev.strongroom.attestation.cbor.CborFormatException;
import dev.strongroom.attestation.cbor.CborReader;
import dev.strongroom.attestation.cbor.CborReader.Lengths;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The payload of a document. The signature covers its every byte, spelling included. */
record DocumentFields(
        String moduleId,
        Instant timestamp,
        SortedMap<Integer, byte[]> pcrs,
        byte[] certificate,
        List<byte[]> authorities,
        Optional<byte[]> publicKey,
        Optional<byte[]> userData,
        Optional<byte[]> nonce) {
    private static final int MAX_MODULE_ID_CHARS = 128; // real ones have some 40
    private static final int MAX_PCRS = 32;
    private static final int MAX_CERTIFICATE_BYTES = 1024;
    private static final int MAX_AUTHORITIES = 7; // real bundles have 4
    private static final int MAX_FREE_BYTES = 1024;
    private static final long MAX_MILLIS = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();
    private static final Set<String> NAMES =
            Set.of(
                    "module_id",
                    "digest",
                    "timestamp",
                    "pcrs",
                    "certificate",
                    "cabundle",
                    "public_key",
                    "user_data",
                    "nonce");

    static DocumentFields parse(byte[] payload) throws CborFormatException {
        if (!(CborReader.read(payload, Lengths.DEFINITE_OR_INDEFINITE)
                instanceof Cbor.Dictionary(Map<Cbor, Cbor> fields))) {
            throw new CborFormatException("expected a map");
        }
        for (Cbor name : fields.keySet()) {
            if (!(name instanceof Cbor.Text(String text)) || !NAMES.contains(text)) {
                throw new CborFormatException("expected the nine fields of the specification");
            }
        }
        requireSha384(field(fields, "digest"));
        return new DocumentFields(
                moduleId(field(fields, "module_id")),
                timestamp(field(fields, "timestamp")),
                pcrs(field(fields, "pcrs")),
                certificate(field(fields, "certificate"), "certificate"),
                authorities(field(fields, "cabundle")),
                free(field(fields, "public_key"), "public_key"),
                free(field(fields, "user_data"), "user_data"),
                free(field(fields, "nonce"), "nonce"));
    }

    private static @Nullable Cbor field(Map<Cbor, Cbor> fields, String name) {
        return fields.get(new Cbor.Text(name));
    }

    private static String moduleId(@Nullable Cbor value) throws CborFormatException {
        if (value instanceof Cbor.Text(String id)
                && !id.isEmpty()
                && id.length() <= MAX_MODULE_ID_CHARS) {
            return id;
        }
        throw new CborFormatException(
                "module_id: expected 1 to " + MAX_MODULE_ID_CHARS + " characters");
    }

    private static void requireSha384(@Nullable Cbor value) throws CborFormatException {
        if (!new Cbor.Text("SHA384").equals(value)) {
            throw new CborFormatException("digest: expected SHA384");
        }
    }

    private static Instant timestamp(@Nullable Cbor value) throws CborFormatException {
        if (value instanceof Cbor.Unsigned(long millis) && millis > 0 && millis <= MAX_MILLIS) {
            return Instant.ofEpochMilli(millis);
        }
        throw new CborFormatException("timestamp: expected milliseconds from 1970 to 9999");
    }

    private static SortedMap<Integer, byte[]> pcrs(@Nullable Cbor value)
            throws CborFormatException {
        if (!(value instanceof Cbor.Dictionary(Map<Cbor, Cbor> entries)) || entries.isEmpty()) {
            throw new CborFormatException("pcrs: expected a map that is not empty");
        }
        var pcrs = new TreeMap<Integer, byte[]>();
        for (Map.Entry<Cbor, Cbor> entry : entries.entrySet()) {
            if (!(entry.getKey() instanceof Cbor.Unsigned(long index)) || index >= MAX_PCRS) {
                throw new CborFormatException("pcrs: expected indices from 0 to 31");
            }
            if (!(entry.getValue() instanceof Cbor.Bytes(byte[] pcr))
                    || pcr.length != NitroDocument.PCR_BYTES) {
                throw new CborFormatException(
                        "pcrs: expected " + NitroDocument.PCR_BYTES + " bytes each");
            }
            pcrs.put((int) index, pcr);
        }
        return Collections.unmodifiableSortedMap(pcrs);
    }

    private static byte[] certificate(@Nullable Cbor value, String field)
            throws CborFormatException {
        if (value instanceof Cbor.Bytes(byte[] der)
                && der.length > 0
                && der.length <= MAX_CERTIFICATE_BYTES) {
            return der;
        }
        throw new CborFormatException(
                field + ": expected certificates of 1 to " + MAX_CERTIFICATE_BYTES + " bytes");
    }

    private static List<byte[]> authorities(@Nullable Cbor value) throws CborFormatException {
        if (!(value instanceof Cbor.Array(List<Cbor> items))
                || items.isEmpty()
                || items.size() > MAX_AUTHORITIES) {
            throw new CborFormatException(
                    "cabundle: expected 1 to " + MAX_AUTHORITIES + " certificates");
        }
        var authorities = new ArrayList<byte[]>();
        for (Cbor item : items) {
            authorities.add(certificate(item, "cabundle"));
        }
        return List.copyOf(authorities);
    }

    private static Optional<byte[]> free(@Nullable Cbor value, String field)
            throws CborFormatException {
        if (value == null || value == Cbor.Simple.NULL) {
            return Optional.empty();
        }
        if (value instanceof Cbor.Bytes(byte[] bytes) && bytes.length <= MAX_FREE_BYTES) {
            return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
        }
        throw new CborFormatException(
                field + ": expected null or at most " + MAX_FREE_BYTES + " bytes");
    }
}
