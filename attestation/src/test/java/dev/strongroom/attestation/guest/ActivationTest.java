package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.tpm.Credential;
import dev.strongroom.attestation.tpm.TpmPublic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real TPM opens what was made for it and its key; skipped where swtpm is not installed. */
class ActivationTest {
    private static final int CC_ACTIVATE_CREDENTIAL = 0x147;
    private static final int CC_POLICY_SECRET = 0x151;
    private static final int CC_START_AUTH_SESSION = 0x176;
    private static final int TPM_RH_NULL = 0x40000007;
    private static final int TPM_RS_PW = 0x40000009;
    private static final int TPM_ALG_SHA256 = 0x000B;
    private static final int TPM_ALG_NULL = 0x0010;
    private static final int TPM_SE_POLICY = 1;

    /**
     * TCG EK Credential Profile, template L-1: RSA 2048, PolicySecret of the endorsement hierarchy.
     */
    private static final byte[] EK_TEMPLATE =
            HexFormat.of()
                    .parseHex(
                            "0001000b000300b2"
                                    + "0020837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa"
                                    + "0006 0080 0043 0010 0800 00000000 0000".replace(" ", ""));

    private static final byte[] SECRET = {1, 2, 3, 4, 5, 6, 7, 8};

    @TempDir Path folder;

    private Swtpm swtpm;

    @BeforeEach
    void start() throws Exception {
        swtpm = Swtpm.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        if (swtpm != null) {
            swtpm.stop();
        }
    }

    @Test
    void aTpmOpensTheCredentialOfItsOwnKey() throws Exception {
        try (TpmClient tpm = swtpm.client()) {
            var ek = tpm.createPrimary(TpmClient.TPM_RH_ENDORSEMENT, EK_TEMPLATE);
            var ak = tpm.createPrimary(TpmClient.TPM_RH_ENDORSEMENT, AkTemplate.ECC.bytes());
            assertThat(activate(tpm, ak.handle(), ek.handle(), credential(ek, ak)))
                    .isEqualTo(SECRET);
        }
    }

    @Test
    void aTpmDoesNotOpenTheCredentialOfAnotherKey() throws Exception {
        try (TpmClient tpm = swtpm.client()) {
            var ek = tpm.createPrimary(TpmClient.TPM_RH_ENDORSEMENT, EK_TEMPLATE);
            var ak = tpm.createPrimary(TpmClient.TPM_RH_ENDORSEMENT, AkTemplate.ECC.bytes());
            var other = tpm.createPrimary(TpmClient.TPM_RH_ENDORSEMENT, AkTemplate.RSA.bytes());
            Credential credential = credential(ek, other);
            assertThatThrownBy(() -> activate(tpm, ak.handle(), ek.handle(), credential))
                    .isInstanceOf(TpmException.class);
        }
    }

    private static Credential credential(TpmClient.LoadedKey ek, TpmClient.LoadedKey ak)
            throws Exception {
        return Credential.make(
                TpmPublic.parse(ek.publicArea()),
                TpmPublic.parse(ak.publicArea()),
                SECRET,
                new SecureRandom());
    }

    private static byte[] activate(TpmClient tpm, int ak, int ek, Credential credential)
            throws IOException {
        int session = policySession(tpm);
        byte[] authorizations =
                ByteBuffer.allocate(18)
                        .putInt(TPM_RS_PW)
                        .put(new byte[5])
                        .putInt(session)
                        .put(new byte[5])
                        .array();
        return tpm.run(
                        "ActivateCredential",
                        TpmCommand.authorizedBy(authorizations, CC_ACTIVATE_CREDENTIAL, ak, ek)
                                .sized(credential.blob())
                                .sized(credential.encryptedSeed()))
                .parameters()
                .sized();
    }

    private static int policySession(TpmClient tpm) throws IOException {
        int session =
                tpm.run(
                                "StartAuthSession",
                                TpmCommand.open(CC_START_AUTH_SESSION, TPM_RH_NULL, TPM_RH_NULL)
                                        .sized(new byte[16])
                                        .sized()
                                        .u8(TPM_SE_POLICY)
                                        .u16(TPM_ALG_NULL)
                                        .u16(TPM_ALG_SHA256))
                        .u32();
        tpm.run(
                "PolicySecret",
                TpmCommand.authorized(CC_POLICY_SECRET, TpmClient.TPM_RH_ENDORSEMENT, session)
                        .sized()
                        .sized()
                        .sized()
                        .u32(0));
        return session;
    }
}
