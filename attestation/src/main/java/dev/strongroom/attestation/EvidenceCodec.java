package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.ArrayList;
import java.util.List;

/** {@link Evidence} in canonical bytes; docs/format.md, "Evidence". */
final class EvidenceCodec {
    private static final String DOMAIN = "strongroom/evidence";
    private static final int VERSION = 1;

    private EvidenceCodec() {}

    static byte[] encode(Evidence evidence) {
        var out =
                Canonical.of(DOMAIN, VERSION)
                        .u8(evidence.format().number())
                        .bytes(evidence.document())
                        .u32(evidence.items().size());
        for (EvidenceItem item : evidence.items()) {
            out.u8(item.kind().number()).bytes(item.bytes());
        }
        out.u32(evidence.devices().size());
        for (DeviceEvidence device : evidence.devices()) {
            out.u8(device.format().number())
                    .bytes(device.document())
                    .u32(device.certificates().size());
            device.certificates().forEach(out::bytes);
        }
        return out.toByteArray();
    }

    static Evidence decode(byte[] encoded) throws MalformedEncodingException {
        if (encoded.length > Evidence.MAX_BYTES) {
            throw new MalformedEncodingException(
                    "evidence: at most " + Evidence.MAX_BYTES + " bytes, got " + encoded.length);
        }
        CanonicalReader in = CanonicalReader.of(encoded, DOMAIN, VERSION);
        try {
            var evidence =
                    new Evidence(
                            Evidence.Format.ofNumber(in.u8("format")),
                            in.bytes("document", Evidence.MAX_DOCUMENT_BYTES),
                            items(in),
                            devices(in));
            in.end();
            return evidence;
        } catch (IllegalArgumentException e) {
            // The records' constructors state their rules; broken by input they are format faults.
            throw in.malformed(String.valueOf(e.getMessage()));
        }
    }

    private static List<EvidenceItem> items(CanonicalReader in) throws MalformedEncodingException {
        int count = in.count("items", Evidence.MAX_ITEMS);
        var items = new ArrayList<EvidenceItem>();
        for (int i = 0; i < count; i++) {
            var kind = EvidenceItem.Kind.ofNumber(in.u8("item kind"));
            items.add(new EvidenceItem(kind, in.bytes("item", kind.maxBytes())));
        }
        return items;
    }

    private static List<DeviceEvidence> devices(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("devices", Evidence.MAX_DEVICES);
        var devices = new ArrayList<DeviceEvidence>();
        for (int i = 0; i < count; i++) {
            devices.add(
                    new DeviceEvidence(
                            Evidence.Format.ofNumber(in.u8("device format")),
                            in.bytes("device document", Evidence.MAX_DOCUMENT_BYTES),
                            certificates(in)));
        }
        return devices;
    }

    private static List<byte[]> certificates(CanonicalReader in) throws MalformedEncodingException {
        int count = in.count("device certificates", DeviceEvidence.MAX_CERTIFICATES);
        var certificates = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            certificates.add(
                    in.bytes("device certificate", EvidenceItem.Kind.CERTIFICATE.maxBytes()));
        }
        return certificates;
    }
}
