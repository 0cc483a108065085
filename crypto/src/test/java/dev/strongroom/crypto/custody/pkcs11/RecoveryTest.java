package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A token that is lost while it is in use: it comes back with one login and the same keys, or stays
 * down and says why. Nothing is made meanwhile.
 */
@Tag("keys")
class RecoveryTest {
    private static final byte[] MESSAGE = {1, 2, 3};
    private static final Duration LONG = RecoveryPace.STEADY.plusSeconds(1);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private static SoftHsm softHsm;
    private static TokenFolder folder;
    private static String pin;
    private static byte[] record;

    private Pkcs11Custodian custodian;
    private TokenSigner signer;

    @BeforeAll
    static void make() throws Exception {
        try (TestToken token = TestToken.make()) {
            softHsm = token.softHsm();
            record = token.imported(newDataKey(), newBinding(ACME)).encoded();
            token.custodian().createKek(ACME, 2);
        }
        folder = new TokenFolder(softHsm);
        pin = Files.readString(softHsm.pinFile());
    }

    @BeforeEach
    void open() throws Exception {
        custodian = Pkcs11Custodian.open(TestToken.config(softHsm), softHsm.serial(), now::get);
        signer = custodian.signer(SigningKey.SIGNING, SigningKey.FIRST);
    }

    @AfterEach
    void close() throws Exception {
        folder.restore();
        Files.writeString(softHsm.pinFile(), pin);
        custodian.recover(); // else this process's module would stay without the token
        custodian.close();
    }

    /** Some other code in this process that uses the module. */
    private void foreign(CkFunction function) throws Exception {
        Cryptoki cryptoki = Cryptoki.load(Pkcs11Module.at(softHsm.module()));
        if (function == CkFunction.C_FINALIZE) {
            cryptoki.module().call(function, MemorySegment.NULL);
            return;
        }
        long slot = TokenChoice.bySerial(cryptoki, softHsm.label(), softHsm.serial()).slot();
        long session = cryptoki.openSession(slot);
        cryptoki.module().call(function, function == CkFunction.C_LOGOUT ? session : slot);
    }

    private void isLostOnceThenServes() throws Exception {
        long logins = folder.logins();
        assertRefused(Reason.TOKEN_FAILED, this::rewrap);
        assertThat(custodian.state()).isEqualTo(new TokenState.Serving());
        serves();
        assertThat(folder.logins()).as("one login").isEqualTo(logins + 1);
    }

    private void rewrap() throws CustodyException {
        custodian.rewrap(custodian.authenticate(record), 2);
    }

    private void serves() throws Exception {
        rewrap();
        Signature verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(
                KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(signer.spki())));
        verifier.update(MESSAGE);
        assertThat(verifier.verify(signer.sign(MESSAGE))).isTrue();
    }

    private TokenState.Down isDown(Reason reason) {
        assertThat(custodian.state()).isInstanceOf(TokenState.Down.class);
        var down = (TokenState.Down) custodian.state();
        assertThat(down.reason()).as(down.message()).isEqualTo(reason);
        return down;
    }

    private void pass(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }

    @Test
    void survivesAForeignLogout() throws Exception {
        foreign(CkFunction.C_LOGOUT);
        isLostOnceThenServes();
    }

    @Test
    void survivesItsSessionsBeingClosed() throws Exception {
        foreign(CkFunction.C_CLOSE_ALL_SESSIONS);
        isLostOnceThenServes();
    }

    @Test
    void survivesAModuleThatWasFinalised() throws Exception {
        foreign(CkFunction.C_FINALIZE);
        isLostOnceThenServes();
    }

    @Test
    void aSignatureFindsALossAsWell() throws Exception {
        foreign(CkFunction.C_LOGOUT);
        assertThatThrownBy(() -> signer.sign(MESSAGE))
                .isInstanceOf(SignatureException.class)
                .hasMessageContaining("try again");
        serves();
    }

    @Test
    void aSignatureWithoutAKeyIsNone() throws Exception {
        folder.remove();
        assertThatThrownBy(() -> signer.sign(MESSAGE)).isInstanceOf(SignatureException.class);
        isDown(Reason.TOKEN_NOT_FOUND);
    }

    @Test
    void aCheckRecoversWithoutACall() throws Exception {
        foreign(CkFunction.C_LOGOUT);
        assertThat(custodian.check()).isEqualTo(new TokenState.Serving());
        serves();
    }

    @Test
    void aRemovedFolderIsDownUntilItIsRestored() throws Exception {
        folder.remove();
        long keys = folder.keys();

        assertRefused(Reason.TOKEN_DOWN, () -> custodian.createKek(ACME, 3));
        TokenState.Down down = isDown(Reason.TOKEN_NOT_FOUND);
        assertRefused(Reason.TOKEN_DOWN, () -> custodian.keks(ACME));
        assertThatThrownBy(() -> signer.sign(MESSAGE))
                .isInstanceOf(SignatureException.class)
                .hasMessageContaining("the token is down");
        folder.restore();
        assertRefused(Reason.TOKEN_DOWN, this::rewrap);
        now.set(down.nextAttempt().orElseThrow());

        serves();
        assertThat(custodian.keks(ACME)).hasSize(2);
        assertThat(folder.keys()).as("nothing was made").isEqualTo(keys);
    }

    @Test
    void aWholeStorageThatIsAwayIsDownUntilItIsBack() throws Exception {
        folder.removeAll();
        assertRefused(Reason.TOKEN_DOWN, this::rewrap);
        assertThat(custodian.state()).isInstanceOf(TokenState.Down.class);
        pass(LONG);
        assertRefused(Reason.TOKEN_DOWN, () -> custodian.keks(ACME));
        folder.restore();
        pass(LONG);
        serves();
    }

    @Test
    void anotherTokenWithItsLabelIsNotShownThePin() throws Exception {
        SoftHsm twin = SoftHsm.inThisProcess(softHsm.label());
        var twinFolder = new TokenFolder(twin);
        long logins = twinFolder.logins();
        folder.remove();

        assertRefused(Reason.TOKEN_DOWN, this::rewrap);
        isDown(Reason.TOKEN_CHANGED);
        pass(LONG);
        assertRefused(Reason.TOKEN_DOWN, () -> custodian.createKek(ACME, 3));
        assertThat(twinFolder.logins()).isEqualTo(logins);
        assertThat(twinFolder.keys()).isZero();

        twinFolder.remove();
        folder.restore();
        pass(LONG);
        serves();
    }

    @Test
    void aWrongPinIsTriedOnceAndThenOnlyForAnOperator() throws Exception {
        long logins = folder.logins();
        Files.writeString(softHsm.pinFile(), "0123456789");
        foreign(CkFunction.C_LOGOUT);

        assertRefused(Reason.TOKEN_DOWN, this::rewrap);
        assertThat(isDown(Reason.PIN_INCORRECT).nextAttempt()).isEmpty();
        for (int i = 0; i < 20; i++) {
            pass(LONG);
            assertRefused(Reason.TOKEN_DOWN, this::rewrap);
            custodian.check();
        }
        assertThat(folder.logins()).as("attempts").isEqualTo(logins + 1);
        Files.writeString(softHsm.pinFile(), pin);
        assertRefused(Reason.TOKEN_DOWN, this::rewrap);

        assertThat(custodian.recover()).isEqualTo(new TokenState.Serving());
        serves();
        assertThat(folder.logins()).isEqualTo(logins + 2);
    }

    @Test
    void anOperatorsWordIsOneAttemptToo() throws Exception {
        long logins = folder.logins();
        Files.writeString(softHsm.pinFile(), "0123456789");
        foreign(CkFunction.C_LOGOUT);
        custodian.check();

        assertThat(custodian.recover()).isInstanceOf(TokenState.Down.class);

        isDown(Reason.PIN_INCORRECT);
        assertThat(folder.logins()).isEqualTo(logins + 2);
    }

    @Test
    void losesThatFollowEachOtherWaitLongerAndLonger() throws Exception {
        Duration expected = RecoveryPace.FIRST_PAUSE;
        foreign(CkFunction.C_LOGOUT);
        isLostOnceThenServes();
        for (int i = 0; i < 3; i++) {
            long logins = folder.logins();
            foreign(CkFunction.C_LOGOUT);
            assertRefused(Reason.TOKEN_DOWN, this::rewrap);
            TokenState.Down down = isDown(Reason.TOKEN_FAILED);
            assertThat(down.nextAttempt())
                    .contains(Objects.requireNonNull(now.get()).plus(expected));
            pass(expected.minusMillis(1));
            assertRefused(Reason.TOKEN_DOWN, this::rewrap);
            assertThat(folder.logins()).isEqualTo(logins);
            pass(Duration.ofMillis(1));
            serves();
            expected = expected.multipliedBy(2);
        }
        pass(LONG);
        foreign(CkFunction.C_LOGOUT);
        isLostOnceThenServes();
    }

    /** SunPKCS11 closes forgotten sessions by number, and the numbers begin anew. */
    @Test
    void theGarbageOfAnEarlierLoginClosesNoSessionOfALaterOne() throws Exception {
        for (int i = 0; i < 5; i++) {
            serves();
            foreign(CkFunction.C_LOGOUT);
            isLostOnceThenServes();
            pass(LONG);
        }
        long logins = folder.logins();
        GarbageCollections.awaitTwo();
        for (int i = 0; i < 20; i++) {
            serves();
        }
        assertThat(folder.logins()).as("nothing was lost").isEqualTo(logins);
    }

    @Test
    void aClosedCustodianDoesNotComeBack() throws Exception {
        custodian.close();
        assertRefused(Reason.TOKEN_FAILED, this::rewrap);
        assertThat(custodian.recover()).isEqualTo(new TokenState.Closed());
    }
}
