package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.cbor.CborWriter;
import dev.strongroom.attestation.nitro.NitroDocument;
import dev.strongroom.attestation.nitro.SoftwareEnclave;
import dev.strongroom.attestation.p384.SoftwareAuthority;
import dev.strongroom.attestation.p384.SoftwareAuthority.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NsmGuestTest {
    @TempDir Path endorsements;

    private final FakeNsm nsm = new FakeNsm();
    private final byte[] reportData = new byte[64];

    NsmGuestTest() {
        Arrays.fill(reportData, (byte) 7);
    }

    @Test
    void givesADocumentThatSpeaksForTheReportData() throws Exception {
        Evidence evidence = guest().evidence(reportData);

        assertThat(guest().tee()).isEqualTo(Tee.NITRO);
        assertThat(evidence.format()).isEqualTo(Evidence.Format.NITRO_DOCUMENT);
        assertThat(NitroDocument.parse(evidence.document()).userData()).hasValue(reportData);
        assertThat(evidence.items()).isEmpty();
    }

    @Test
    void sendsTheCertificateThatTheImageWasSignedWith() throws Exception {
        byte[] certificate =
                SoftwareAuthority.root("owner", Profile.leaf(SoftwareEnclave.NOW)).certificate();
        Files.write(endorsements.resolve("image.der"), certificate);

        assertThat(guest().evidence(reportData).items(EvidenceItem.Kind.IMAGE_SIGNER))
                .containsExactly(certificate);
    }

    @Test
    void saysWhyTheModuleRefused() {
        nsm.instead = FakeNsm.error("InvalidArgument");
        assertMessage("the module refused: InvalidArgument");
        nsm.instead = FakeNsm.error("no\nname");
        assertMessage("for a reason without a name");
    }

    @Test
    void refusesAnAnswerThatIsNoDocument() {
        nsm.instead = new byte[0];
        assertMessage("response: expected more bytes");
        nsm.instead = new CborWriter().text("LockPCR").toByteArray();
        assertMessage("expected an attestation document");
        nsm.instead = new CborWriter().map(1).text("Attestation").map(0).toByteArray();
        assertMessage("expected an attestation document");
        nsm.instead =
                new CborWriter()
                        .map(1)
                        .text("Attestation")
                        .map(1)
                        .text("document")
                        .bytes(new byte[9])
                        .toByteArray();
        assertMessage("document: COSE_Sign1");
    }

    @Test
    void refusesADocumentForOtherData() {
        nsm.otherData = new byte[64];
        assertMessage("speaks for other data");
    }

    @Test
    void saysWhatTheSystemSaidOfTheDevice() {
        assertThatThrownBy(() ->
                        new NsmGuest(new KernelNsm(Path.of("/dev/no-such-device")), endorsements)
                                .evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("/dev/no-such-device: open: errno 2")
                .hasMessageContaining("Nitro enclave");
        assertThatThrownBy(() -> new KernelNsm(Path.of("/dev/null")).process(new byte[1]))
                .isInstanceOf(IOException.class)
                .hasMessage("/dev/null: ioctl: errno 25"); // ENOTTY: a device of another kind
        assertThatThrownBy(() -> new KernelNsm(Path.of("/dev/null")).process(new byte[0x1001]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 4096 bytes");
    }

    @Test
    void takesReportDataOf64BytesOnly() {
        assertThatThrownBy(() -> guest().evidence(new byte[63]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertMessage(String expected) {
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageStartingWith("nsm: ")
                .hasMessageContaining(expected);
    }

    private NsmGuest guest() {
        return new NsmGuest(nsm, endorsements);
    }
}
