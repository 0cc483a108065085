package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.proto.v1.ChannelBinding;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import org.junit.jupiter.api.Test;

class EvidenceServiceTest {
    @Test
    void neverSpeaksForTheBytesThatACallerChose() throws Exception {
        byte[] expectedElsewhere = ServingNonce.onChannel(new byte[32], new byte[32]);
        GetEvidenceRequest request =
                GetEvidenceRequest.newBuilder()
                        .setNonce(ByteString.copyFrom(expectedElsewhere))
                        .setBinding(ChannelBinding.CHANNEL_BINDING_PEER_KEY)
                        .build();
        assertThat(EvidenceService.bound(request))
                .isEqualTo(ServingNonce.onPeerKey(expectedElsewhere))
                .isNotEqualTo(expectedElsewhere);
    }
}
