package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    /** Computed with another implementation of the encoding. */
    private static final String GOLDEN =
            "85c0a442529bf95e4169f0ccd68477b59a6b5724edf49c302fdc0f65485ade3e"
                    + "376803962a9b675d495d51d648a132c4a77279b57d0c2ec63cf10242963a8ba7";

    private static final String GOLDEN_OF_TWO_OWNERS =
            "90f191d339ac1d07e2dc6d68337a37b338edbe599758dfc43b042aa6614817686"
                    + "f719d08ca69c5a47fcacb5000b1a745d61912b2671173461267071b6921dcf2";

    private static final Digest OWNER = Digest.sha256(new byte[] {2});

    private static final byte[] NONE = {};
    private static final byte[] KEM = {1};
    private static final byte[] TLS = {2};

    @Test
    void neverChangesItsEncodingUnnoticed() {
        assertThat(HexFormat.of().formatHex(transcript(Role.RELEASE, KEM, TLS).reportData()))
                .isEqualTo(GOLDEN);
        var two = NodeOwners.among(OWNER, List.of(Digest.sha256(new byte[] {7})));
        assertThat(HexFormat.of().formatHex(transcript(Role.RELEASE, KEM, TLS, two).reportData()))
                .isEqualTo(GOLDEN_OF_TWO_OWNERS);
    }

    @Test
    void separatesRolesAndKeys() {
        var reportData = new ArrayList<byte[]>();
        reportData.add(transcript(Role.RELEASE, KEM, TLS).reportData());
        reportData.add(transcript(Role.RELEASE, TLS, KEM).reportData());
        reportData.add(transcript(Role.RELEASE, new byte[] {1, 2}, NONE).reportData());
        reportData.add(transcript(Role.SERVE, NONE, new byte[] {1, 2}).reportData());
        reportData.add(transcript(Role.SERVE, NONE, TLS).reportData());
        assertThat(reportData.stream().map(HexFormat.of()::formatHex).collect(Collectors.toSet()))
                .hasSize(reportData.size());
    }

    @Test
    void givesAKemKeyToReleasesOnly() {
        assertThatThrownBy(() -> transcript(Role.RELEASE, NONE, TLS))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> transcript(Role.SERVE, KEM, TLS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void makesChallengesOfItsRoleOnly() {
        Transcript release = transcript(Role.RELEASE, KEM, TLS);
        Transcript serve = transcript(Role.SERVE, NONE, TLS);
        assertThatThrownBy(() -> Challenge.serve(release, Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Challenge.release(serve, Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void limitsEvidenceBeforeAnybodyParsesIt() {
        var format = Evidence.Format.SNP_REPORT;
        byte[] document = new byte[Evidence.MAX_DOCUMENT_BYTES];
        byte[] certificate = new byte[EvidenceItem.Kind.CERTIFICATE.maxBytes()];
        List<byte[]> certificates = Collections.nCopies(8, certificate);
        assertThat(new Evidence(format, document, certificates).endorsements()).hasSize(8);

        assertThatThrownBy(() -> new Evidence(format, new byte[document.length + 1], certificates))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> new Evidence(format, document, Collections.nCopies(33, certificate)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        new Evidence(format, document, List.of(new byte[certificate.length + 1])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Transcript transcript(Role role, byte[] kem, byte[] tls) {
        return transcript(role, kem, tls, NodeOwners.alone(OWNER));
    }

    private static Transcript transcript(Role role, byte[] kem, byte[] tls, NodeOwners owners) {
        return new Transcript(
                role,
                new byte[Transcript.NONCE_BYTES],
                kem,
                tls,
                Digest.sha256(new byte[] {1}),
                owners,
                "acme",
                Digest.sha256(new byte[] {3}),
                List.of(
                        new PolicyReference(
                                PolicyReference.Kind.RELEASE,
                                "00112233445566778899aabbccddeeff",
                                1,
                                Digest.sha256(new byte[] {4}))),
                Posture.BASE,
                new byte[Transcript.BOOT_ID_BYTES]);
    }
}
