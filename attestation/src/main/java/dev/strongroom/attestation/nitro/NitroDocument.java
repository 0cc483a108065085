package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.cbor.CborFormatException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A signed attestation document of a Nitro enclave, read strictly: every field of the published
 * specification within its limits, each once, and no other. Parsed is not verified: nothing here
 * says who wrote the bytes.
 *
 * <pre>
 * [ protected {1: -35}, unprotected {}, payload, signature r ‖ s 96 ]
 * payload: { module_id: text, digest: "SHA384", timestamp: ms, pcrs: {0..31: 48 bytes},
 *            certificate: DER, cabundle: [DER, root first], public_key, user_data, nonce: bytes }
 * </pre>
 *
 * <p>The specification has two limits for user data and nonce, 512 bytes in its prose and 1024 in
 * its grammar; the wider one holds here. A field that is null, empty or missing says nothing in all
 * three cases. Immutable and thread-safe.
 */
public final class NitroDocument {
    public static final int PCR_BYTES = 48;
    private static final int MEASURED_PCRS = 3; // image, kernel and boot file system, applications

    private final CoseSign1 message;
    private final DocumentFields fields;

    private NitroDocument(CoseSign1 message, DocumentFields fields) {
        this.message = message;
        this.fields = fields;
    }

    /**
     * Reads a document; the array is copied.
     *
     * @throws NitroFormatException if it is not one in every byte
     */
    public static NitroDocument parse(byte[] document) throws NitroFormatException {
        CoseSign1 message = CoseSign1.parse(document);
        try {
            return new NitroDocument(message, DocumentFields.parse(message.payload()));
        } catch (CborFormatException e) {
            throw new NitroFormatException("payload: " + e.getMessage());
        }
    }

    /** The enclave's name; its form is not specified. */
    public String moduleId() {
        return fields.moduleId();
    }

    /** When the hypervisor wrote the document, by its own clock, in milliseconds. */
    public Instant timestamp() {
        return fields.timestamp();
    }

    /** The locked platform configuration registers by index, 48 bytes each. */
    public SortedMap<Integer, byte[]> pcrs() {
        var copy = new TreeMap<>(fields.pcrs());
        copy.replaceAll((_, pcr) -> pcr.clone());
        return copy;
    }

    /** Whether nothing was measured, which is how an enclave in debug mode looks. */
    public boolean isDebug() {
        return IntStream.range(0, MEASURED_PCRS).allMatch(this::isZero);
    }

    public Optional<byte[]> publicKey() {
        return fields.publicKey().map(byte[]::clone);
    }

    /** What the enclave had the document speak for: our report data, 64 bytes. */
    public Optional<byte[]> userData() {
        return fields.userData().map(byte[]::clone);
    }

    public Optional<byte[]> nonce() {
        return fields.nonce().map(byte[]::clone);
    }

    /**
     * The owner whose certificate signed the image, by PCR8; empty when none of these is the one.
     *
     * @param certificates DER, in any order
     */
    public Optional<Digest> ownerId(List<byte[]> certificates) {
        return SigningCertificate.ownerId(this, certificates);
    }

    byte[] certificate() {
        return fields.certificate();
    }

    /** Root first. */
    List<byte[]> authorities() {
        return fields.authorities();
    }

    /** What the signature covers. */
    public byte[] signedBytes() {
        return message.signedBytes();
    }

    byte[] signature() {
        return message.signature();
    }

    /** A register that is not locked or not there measures nothing either. */
    private boolean isZero(int index) {
        byte[] pcr = fields.pcrs().getOrDefault(index, new byte[0]);
        return IntStream.range(0, pcr.length).allMatch(i -> pcr[i] == 0);
    }
}
