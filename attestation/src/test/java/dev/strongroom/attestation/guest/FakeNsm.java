package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.cbor.Cbor;
import dev.strongroom.attestation.cbor.CborFormatException;
import dev.strongroom.attestation.cbor.CborReader;
import dev.strongroom.attestation.cbor.CborReader.Lengths;
import dev.strongroom.attestation.cbor.CborWriter;
import dev.strongroom.attestation.nitro.SoftwareEnclave;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A Nitro Secure Module in memory: reads requests as the real one does and signs documents. */
final class FakeNsm implements Nsm {
    final SoftwareEnclave enclave = SoftwareEnclave.create();

    /** Answered instead, if there is any. */
    byte @Nullable [] instead;

    /** Spoken for instead, if there is any. */
    byte @Nullable [] otherData;

    @Override
    public byte[] process(byte[] request) throws IOException {
        if (instead != null) {
            return instead;
        }
        byte[] userData = userData(request);
        byte[] spokenFor = otherData == null ? userData : otherData;
        byte[] document =
                enclave.document(
                        fields -> fields.put("user_data", SoftwareEnclave.bytes(spokenFor)));
        return new CborWriter()
                .map(1)
                .text("Attestation")
                .map(1)
                .text("document")
                .bytes(document)
                .toByteArray();
    }

    static byte[] error(String reason) {
        return new CborWriter().map(1).text("Error").text(reason).toByteArray();
    }

    private static byte[] userData(byte[] request) throws IOException {
        try {
            if (CborReader.read(request, Lengths.DEFINITE)
                            instanceof Cbor.Dictionary(Map<Cbor, Cbor> operation)
                    && operation.size() == 1
                    && operation.get(new Cbor.Text("Attestation"))
                            instanceof Cbor.Dictionary(Map<Cbor, Cbor> fields)
                    && fields.size() == 3
                    && fields.get(new Cbor.Text("nonce")) == Cbor.Simple.NULL
                    && fields.get(new Cbor.Text("public_key")) == Cbor.Simple.NULL
                    && fields.get(new Cbor.Text("user_data"))
                            instanceof Cbor.Bytes(byte[] userData)) {
                return userData;
            }
        } catch (CborFormatException e) {
            throw new IOException(e);
        }
        throw new IOException("errno 22");
    }
}
