package dev.strongroom.crypto.custody.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The token's own keys sign through SunPKCS11. */
class SignerTest {
    private static final byte[] MESSAGE = {1, 2, 3};

    private static TestToken token;

    @BeforeAll
    static void open() throws Exception {
        token = TestToken.make();
    }

    @AfterAll
    static void close() {
        token.close();
    }

    @Test
    void signsWithDifferentKeysThatVerifyElsewhere() throws Exception {
        for (SigningKey key : SigningKey.values()) {
            TokenSigner signer = token.custodian().signer(key, SigningKey.FIRST);
            assertThat(verifies(signer, MESSAGE, signer.sign(MESSAGE))).isTrue();
            assertThat(signer.keyId()).isEqualTo(Digest.sha256(signer.spki()));
        }
        assertThat(SigningKey.values())
                .extracting(key -> token.custodian().signer(key, SigningKey.FIRST).keyId())
                .doesNotHaveDuplicates();
    }

    @Test
    void keepsItsKeysOverARestart() throws Exception {
        SoftHsm softHsm;
        Digest before;
        try (TestToken other = TestToken.make()) {
            softHsm = other.softHsm();
            before = other.custodian().signer(SigningKey.CEREMONY, SigningKey.FIRST).keyId();
        }
        try (var again = Pkcs11Custodian.open(TestToken.config(softHsm), softHsm.serial())) {
            assertThat(again.signer(SigningKey.CEREMONY, SigningKey.FIRST).keyId())
                    .isEqualTo(before);
        }
    }

    @Test
    void signsFromManyThreads() throws Exception {
        TokenSigner signer = token.custodian().signer(SigningKey.SIGNING, SigningKey.FIRST);
        assertThat(
                        IntStream.range(0, 200)
                                .parallel()
                                .mapToObj(i -> signs(signer, new byte[] {(byte) i}))
                                .allMatch(Boolean::booleanValue))
                .isTrue();
    }

    @Test
    void aClosedCustodianSignsNothing() throws Exception {
        TokenSigner signer;
        try (TestToken other = TestToken.make()) {
            signer = other.custodian().signer(SigningKey.SIGNING, SigningKey.FIRST);
        }
        assertThatThrownBy(() -> signer.sign(MESSAGE)).isInstanceOf(SignatureException.class);
    }

    private static boolean signs(TokenSigner signer, byte[] message) {
        try {
            return verifies(signer, message, signer.sign(message));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean verifies(TokenSigner signer, byte[] message, byte[] signature)
            throws Exception {
        Signature verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(
                KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(signer.spki())));
        verifier.update(message);
        return verifier.verify(signature);
    }
}
