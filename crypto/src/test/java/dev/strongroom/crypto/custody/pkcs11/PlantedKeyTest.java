package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys that somebody with the PIN puts into the token under our names are not used. */
class PlantedKeyTest {
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
    void refusesAKekOfKnownValue() throws Exception {
        try (RawToken raw = token.raw()) {
            raw.create(Templates.kek(KeyName.kek(ACME, 5)).bytes(Ck.CKA_VALUE, newDataKey()));
        }
        byte[] ciphertext = token.importCiphertext(ACME, newDataKey());

        assertRefused(
                Reason.KEY_ATTRIBUTES,
                () -> token.custodian().importWrapped(ciphertext, newBinding(ACME), 1, 5));
    }

    /** A process that ended while SoftHSM2 wrote a key leaves one that was not born inside. */
    @Test
    void discardsWhatAnInterruptedMakingLeftAndNothingElse() throws Exception {
        try (RawToken raw = token.raw()) {
            raw.create(Templates.kek(KeyName.kek(ACME, 9)).bytes(Ck.CKA_VALUE, newDataKey()));
        }
        var custodian = token.custodian();
        assertThat(custodian.keks(ACME))
                .filteredOn(kek -> kek.version() == 9)
                .extracting(KekInfo::state)
                .containsExactly(KekInfo.State.TORN);
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createKek(ACME, 9));

        custodian.discardTornKek(ACME, 9);
        KekInfo made = custodian.createKek(ACME, 9);
        var stored = custodian.rewrap(token.imported(newDataKey(), newBinding(ACME)), 9);
        custodian.discardTornKek(ACME, 9);
        custodian.discardTornImportKey(ACME, 1);

        assertThat(made.state()).isEqualTo(KekInfo.State.ACTIVE);
        assertThat(custodian.rewrap(stored, 9).kekVersion()).isEqualTo(9);
        assertThat(custodian.importKeySpki(ACME, 1)).isNotEmpty();
    }

    /** The certificate comes last; a process that ended before it leaves a pair without one. */
    @Test
    void makesASigningKeyAgainThatWasNeverFinished() throws Exception {
        try (RawToken raw = token.raw()) {
            raw.cryptoki()
                    .generateKeyPair(
                            raw.session(),
                            new Mechanism.Plain(Ck.CKM_EC_KEY_PAIR_GEN),
                            Templates.signingPublicKey(),
                            Templates.signingPrivateKey(KeyName.signing(SigningKey.CA, 2)));
        }
        var custodian = token.custodian();
        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.signer(SigningKey.CA, 2));
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createSigner(SigningKey.CA, 2));

        custodian.discardTornSigner(SigningKey.CA, 2);
        var made = custodian.createSigner(SigningKey.CA, 2);
        custodian.discardTornSigner(SigningKey.CA, 2);

        assertThat(custodian.signer(SigningKey.CA, 2).keyId()).isEqualTo(made.keyId());
        assertThat(made.sign(new byte[1])).isNotEmpty();
    }

    @Test
    void refusesAWeakerKekUnderTheRightName() throws Exception {
        try (RawToken raw = token.raw()) {
            raw.cryptoki()
                    .generateKey(
                            raw.session(),
                            new Mechanism.Plain(Ck.CKM_AES_KEY_GEN),
                            Templates.kek(KeyName.kek(ACME, 6))
                                    .yes(Ck.CKA_DECRYPT)
                                    .number(Ck.CKA_VALUE_LEN, 32));
        }
        var stored = token.imported(newDataKey(), newBinding(ACME));

        assertRefused(Reason.KEY_ATTRIBUTES, () -> token.custodian().rewrap(stored, 6));
    }

    @Test
    void refusesAKekWithoutTheUnwrapTemplate() throws Exception {
        try (RawToken raw = token.raw()) {
            raw.cryptoki()
                    .generateKey(
                            raw.session(),
                            new Mechanism.Plain(Ck.CKM_AES_KEY_GEN),
                            Templates.kek(KeyName.kek(ACME, 7))
                                    .nested(
                                            Ck.CKA_UNWRAP_TEMPLATE,
                                            Templates.dataKey().without(Ck.CKA_SENSITIVE))
                                    .number(Ck.CKA_VALUE_LEN, 32));
        }
        var stored = token.imported(newDataKey(), newBinding(ACME));

        assertRefused(Reason.KEY_ATTRIBUTES, () -> token.custodian().rewrap(stored, 7));
    }

    @Test
    void refusesTwoKeysOfOneName() throws Exception {
        try (RawToken raw = token.raw()) {
            for (int i = 0; i < 2; i++) {
                raw.cryptoki()
                        .generateKey(
                                raw.session(),
                                new Mechanism.Plain(Ck.CKM_AES_KEY_GEN),
                                Templates.kek(KeyName.kek(ACME, 8)).number(Ck.CKA_VALUE_LEN, 32));
            }
        }
        var stored = token.imported(newDataKey(), newBinding(ACME));

        assertRefused(Reason.KEY_DUPLICATE, () -> token.custodian().rewrap(stored, 8));
        assertRefused(Reason.KEY_EXISTS, () -> token.custodian().createKek(ACME, 8));
    }

    @Test
    void countsNoOtherTenantsKeys() throws Exception {
        var near = new TenantName("acme-2");
        try (TestToken other = TestToken.make()) {
            other.custodian().createKek(near, 1);

            assertThat(other.custodian().keks(ACME)).hasSize(1);
            assertThat(other.custodian().keks(near)).hasSize(1);
        }
    }
}
