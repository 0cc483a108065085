package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Evidence;

/** Evidence as it travels. */
final class EvidenceMessages {
    private EvidenceMessages() {}

    static dev.strongroom.proto.v1.Evidence of(Evidence evidence) {
        var message =
                dev.strongroom.proto.v1.Evidence.newBuilder()
                        .setFormat(evidence.format().number())
                        .setDocument(ByteString.copyFrom(evidence.document()));
        evidence.endorsements().forEach(each -> message.addEndorsements(ByteString.copyFrom(each)));
        return message.build();
    }
}
