package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.cbor.Cbor;
import dev.strongroom.attestation.cbor.CborFormatException;
import dev.strongroom.attestation.cbor.CborReader;
import dev.strongroom.attestation.cbor.CborReader.Lengths;
import dev.strongroom.attestation.cbor.CborWriter;
import dev.strongroom.attestation.nitro.NitroDocument;
import dev.strongroom.attestation.nitro.NitroFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Asks the Nitro Secure Module for an attestation document (aws-nitro-enclaves-nsm-api, {@code
 * Request::Attestation}). The report data is the document's user data; nonce and public key stay
 * empty. Certificates in the folder go along as those that may have signed the image.
 *
 * <p>Thread-safe.
 */
final class NsmGuest implements Guest {
    private static final String OPERATION = "Attestation";

    private final Nsm nsm;
    private final Path endorsements;

    NsmGuest(Nsm nsm, Path endorsements) {
        this.nsm = nsm;
        this.endorsements = endorsements;
    }

    @Override
    public Tee tee() {
        return Tee.NITRO;
    }

    @Override
    public Evidence evidence(byte[] reportData) throws GuestException {
        if (reportData.length != REPORT_DATA_BYTES) {
            throw new IllegalArgumentException(
                    "report data: expected 64 bytes, got " + reportData.length);
        }
        try {
            byte[] document = document(nsm.process(request(reportData)));
            requireOurs(document, reportData);
            return new Evidence(
                    Evidence.Format.NITRO_DOCUMENT, document, imageSigners(), List.of());
        } catch (IOException e) {
            throw new GuestException(
                    "nsm: "
                            + e.getMessage()
                            + "; check that this is a Nitro enclave and that this user may open "
                            + KernelNsm.DEVICE,
                    e);
        }
    }

    private static byte[] request(byte[] reportData) {
        return new CborWriter()
                .map(1)
                .text(OPERATION)
                .map(3)
                .text("user_data")
                .bytes(reportData)
                .text("nonce")
                .nothing()
                .text("public_key")
                .nothing()
                .toByteArray();
    }

    /** {@code {"Attestation": {"document": bytes}}}, or {@code {"Error": "InvalidArgument"}}. */
    private static byte[] document(byte[] response) throws GuestException {
        try {
            Cbor answer = CborReader.read(response, Lengths.DEFINITE_OR_INDEFINITE);
            if (entry(answer, "Error") instanceof Cbor.Text(String reason)) {
                throw new GuestException("nsm: the module refused: " + printable(reason));
            }
            if (entry(entry(answer, OPERATION), "document") instanceof Cbor.Bytes(byte[] bytes)) {
                return bytes;
            }
        } catch (CborFormatException e) {
            throw new GuestException("nsm: response: " + e.getMessage(), e);
        }
        throw new GuestException("nsm: response: expected an attestation document");
    }

    private static Cbor entry(Cbor map, String name) {
        return map instanceof Cbor.Dictionary(Map<Cbor, Cbor> entries)
                ? entries.getOrDefault(new Cbor.Text(name), Cbor.Simple.NULL)
                : Cbor.Simple.NULL;
    }

    private static String printable(String reason) {
        return reason.matches("[A-Za-z]{1,40}") ? reason : "for a reason without a name";
    }

    private static void requireOurs(byte[] document, byte[] reportData) throws GuestException {
        try {
            byte[] userData = NitroDocument.parse(document).userData().orElse(new byte[0]);
            if (!Arrays.equals(userData, reportData)) {
                throw new GuestException(
                        "nsm: the document speaks for other data than was asked for");
            }
        } catch (NitroFormatException e) {
            throw new GuestException("nsm: document: " + e.getMessage(), e);
        }
    }

    private List<EvidenceItem> imageSigners() throws IOException, GuestException {
        return Endorsements.gather(new byte[0], endorsements).stream()
                .filter(item -> item.kind() == EvidenceItem.Kind.CERTIFICATE)
                .map(item -> new EvidenceItem(EvidenceItem.Kind.IMAGE_SIGNER, item.bytes()))
                .toList();
    }
}
