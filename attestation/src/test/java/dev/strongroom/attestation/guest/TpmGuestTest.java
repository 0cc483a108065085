package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem.Kind;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.tpm.AkTrust;
import dev.strongroom.attestation.tpm.TpmEvidence;
import dev.strongroom.attestation.tpm.TpmPublic;
import dev.strongroom.attestation.tpm.TpmVerdict;
import dev.strongroom.attestation.tpm.TpmVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A real TPM quotes, and the verifier believes it; skipped where swtpm is not installed. */
class TpmGuestTest {
    private static final int CC_PCR_EXTEND = 0x182;
    private static final int TPM_ALG_SHA256 = 0x000B;

    @TempDir Path folder;

    private final byte[] reportData = new byte[64];
    private Swtpm swtpm;

    @BeforeEach
    void start() throws Exception {
        Arrays.fill(reportData, (byte) 9);
        swtpm = Swtpm.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        if (swtpm != null) {
            swtpm.stop();
        }
    }

    @ParameterizedTest
    @EnumSource(AkTemplate.class)
    void quotesWhatTheVerifierBelieves(AkTemplate template) throws Exception {
        extend(16);
        Evidence evidence = guest(template).evidence(reportData);

        assertThat(verify(evidence))
                .isInstanceOfSatisfying(
                        TpmVerdict.Authentic.class,
                        authentic -> {
                            assertThat(authentic.quote().speaksFor(reportData)).isTrue();
                            assertThat(authentic.quote().speaksFor(new byte[64])).isFalse();
                            assertThat(authentic.claims())
                                    .containsEntry("tpm.pcr.sha256.0", "00".repeat(32))
                                    .containsEntry("tpm.pcr.sha256.17", "ff".repeat(32))
                                    .containsEntry("tpm.ak.trust", "enrolled");
                            assertThat(authentic.claims().get("tpm.pcr.sha256.16"))
                                    .isNotEqualTo("00".repeat(32));
                        });
    }

    @Test
    void makesTheSameKeyEachTimeAndLeavesNoneBehind() throws Exception {
        Guest guest = guest(AkTemplate.ECC);
        assertThat(guest.tee()).isEqualTo(Tee.TPM);
        byte[] first = key(guest.evidence(reportData));
        for (int i = 0; i < 5; i++) { // more than it has slots
            assertThat(key(guest.evidence(reportData))).isEqualTo(first);
        }
    }

    @Test
    void sendsTheEventLogThatItCanRead() throws Exception {
        Path log = Files.write(folder.resolve("log"), new byte[] {1, 2, 3});
        var guest = new TpmGuest(swtpm::open, AkTemplate.ECC, log);
        assertThat(guest.evidence(reportData).items(Kind.EVENT_LOG))
                .containsExactly(new byte[] {1, 2, 3});
    }

    @Test
    void saysWhatToDoWhenOthersFillTheSlots() throws Exception {
        var handles = new ArrayList<Integer>();
        try (TpmClient other = swtpm.client()) {
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    handles.add(
                                            other.createPrimary(
                                                            TpmClient.TPM_RH_OWNER,
                                                            AkTemplate.ECC.bytes())
                                                    .handle());
                                }
                            })
                    .isInstanceOf(TpmException.class);
        }
        assertThat(handles).isNotEmpty();
        assertThatThrownBy(() -> guest(AkTemplate.ECC).evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("0x902")
                .hasMessageContaining("tpm2_flushcontext -t");
        try (TpmClient other = swtpm.client()) {
            for (int handle : handles) {
                other.flush(handle);
            }
        }
        assertThat(verify(guest(AkTemplate.ECC).evidence(reportData)))
                .isInstanceOf(TpmVerdict.Authentic.class);
    }

    @Test
    void saysWhichCommandATpmRefused() throws Exception {
        try (TpmClient tpm = swtpm.client()) {
            assertThatThrownBy(() -> tpm.readNv(AzureGuest.HCL_REPORT_INDEX, 4096))
                    .isInstanceOf(TpmException.class)
                    .hasMessageStartingWith("NV_ReadPublic: TPM error 0x");
        }
    }

    @Test
    void isNotAzures() {
        assertThat(AzureGuest.isHere(swtpm::open)).isFalse();
    }

    private Guest guest(AkTemplate template) {
        return new TpmGuest(swtpm::open, template, folder.resolve("no-log"));
    }

    private void extend(int register) throws IOException {
        try (TpmClient tpm = swtpm.client()) {
            tpm.run(
                    "PCR_Extend",
                    TpmCommand.authorized(CC_PCR_EXTEND, register)
                            .u32(1)
                            .u16(TPM_ALG_SHA256)
                            .bytes(new byte[32]));
        }
    }

    private static TpmVerdict verify(Evidence evidence) throws Exception {
        String name = HexFormat.of().formatHex(TpmPublic.parse(key(evidence)).name());
        return new TpmVerifier(new AkTrust.Enrolled(Set.of(name)))
                .verify(
                        new TpmEvidence(
                                evidence.document(),
                                evidence.items(Kind.TPM_SIGNATURE).getFirst(),
                                key(evidence),
                                evidence.items(Kind.PCR_VALUES).getFirst(),
                                new byte[0]),
                        List.of(),
                        Instant.now());
    }

    private static byte[] key(Evidence evidence) {
        return evidence.items(Kind.ATTESTATION_KEY).getFirst();
    }
}
