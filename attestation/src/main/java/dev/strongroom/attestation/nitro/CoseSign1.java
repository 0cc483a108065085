package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.cbor.Cbor;
import dev.strongroom.attestation.cbor.CborFormatException;
import dev.strongroom.attestation.cbor.CborReader;
import dev.strongroom.attestation.cbor.CborReader.Lengths;
import dev.strongroom.attestation.cbor.CborWriter;
import dev.strongroom.attestation.p384.RawSignature;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A COSE_Sign1 message (RFC 9052, section 4.2) under ES384: an array of protected header,
 * unprotected header, payload and signature.
 *
 * <p>AWS prints the message with CBOR's tag 18 and the hypervisor writes it without: both are read.
 * Apart from that the parts that no signature covers have one spelling: definite lengths, an empty
 * unprotected header. The protected header is exactly {@code {1: -35}}; no other algorithm is read.
 */
record CoseSign1(byte[] payload, byte[] signature) {
    private static final int MAX_PAYLOAD_BYTES = 16 * 1024; // attestation_process.md, section 3.1
    private static final long TAG = 18;
    private static final byte[] ES384_ALONE = HexFormat.of().parseHex("a1013822");

    static CoseSign1 parse(byte[] message) throws NitroFormatException {
        List<Cbor> parts = parts(message);
        if (!(parts.get(0) instanceof Cbor.Bytes(byte[] header))
                || !Arrays.equals(header, ES384_ALONE)) {
            throw new NitroFormatException("protected header: expected ES384 and nothing else");
        }
        if (!(parts.get(1) instanceof Cbor.Dictionary(Map<Cbor, Cbor> unprotectedHeader))
                || !unprotectedHeader.isEmpty()) {
            throw new NitroFormatException("unprotected header: expected an empty map");
        }
        if (!(parts.get(2) instanceof Cbor.Bytes(byte[] payload))
                || payload.length == 0
                || payload.length > MAX_PAYLOAD_BYTES) {
            throw new NitroFormatException(
                    "payload: expected 1 to " + MAX_PAYLOAD_BYTES + " bytes");
        }
        if (!(parts.get(3) instanceof Cbor.Bytes(byte[] signature))
                || signature.length != RawSignature.BYTES) {
            throw new NitroFormatException("signature: expected " + RawSignature.BYTES + " bytes");
        }
        return new CoseSign1(payload, signature);
    }

    /** Sig_structure (RFC 9052, section 4.4), without external data. */
    byte[] signedBytes() {
        return new CborWriter()
                .array(4)
                .text("Signature1")
                .bytes(ES384_ALONE)
                .bytes(new byte[0])
                .bytes(payload)
                .toByteArray();
    }

    private static List<Cbor> parts(byte[] message) throws NitroFormatException {
        try {
            Cbor item = CborReader.read(message, Lengths.DEFINITE);
            Cbor array =
                    item instanceof Cbor.Tagged(long tag, Cbor inner) && tag == TAG ? inner : item;
            if (array instanceof Cbor.Array(List<Cbor> parts) && parts.size() == 4) {
                return parts;
            }
        } catch (CborFormatException e) {
            throw new NitroFormatException("COSE_Sign1: " + e.getMessage());
        }
        throw new NitroFormatException("COSE_Sign1: expected an array of four, or tag 18 and that");
    }
}
