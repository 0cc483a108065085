package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static dev.strongroom.crypto.custody.pkcs11.CkFunction.C_OPEN_SESSION;
import static dev.strongroom.crypto.custody.pkcs11.CkFunction.C_WRAP_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each failure of a module leads to: one new login, none, or a token that stays down. */
@Tag("keys")
class FailingModuleTest {
    private static final Duration LONG = RecoveryPace.STEADY.plusSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(300);
    private static final Duration AT_MOST = Duration.ofSeconds(20);

    private static final AtomicReference<Instant> NOW = new AtomicReference<>(Instant.EPOCH);
    private static ShimModule module;
    private static SoftHsm softHsm;
    private static TokenFolder folder;
    private static byte[] record;
    private static Pkcs11Custodian custodian;
    private static TokenSigner signer;

    @BeforeAll
    static void open() throws Exception {
        Optional<ShimModule> compiled = ShimModule.compiled();
        assumeTrue(compiled.isPresent(), "no C compiler (cc) is there to make the shim with");
        module = compiled.orElseThrow();
        try (TestToken token = TestToken.make()) {
            softHsm = token.softHsm();
            record = token.imported(newDataKey(), newBinding(ACME)).encoded();
            token.custodian().createKek(ACME, 2);
        }
        folder = new TokenFolder(softHsm);
        custodian = opened();
        signer = custodian.signer(SigningKey.SIGNING, SigningKey.FIRST);
    }

    private static Pkcs11Custodian opened() throws CustodyException {
        var config =
                new Pkcs11Config(
                        module.library(), softHsm.label(), PinSource.file(softHsm.pinFile()));
        return Pkcs11Custodian.open(config, softHsm.serial(), NOW::get, PATIENCE);
    }

    @AfterEach
    void steady() throws Exception {
        module.letGo();
        pass(LONG);
        serves();
        pass(LONG);
    }

    @AfterAll
    static void close() {
        if (custodian != null) {
            custodian.close();
        }
    }

    private static void rewrap() throws CustodyException {
        custodian.rewrap(custodian.authenticate(record), 2);
    }

    private static void serves() throws Exception {
        rewrap();
        assertThat(signer.sign(record)).isNotEmpty();
        assertThat(custodian.state()).isEqualTo(new TokenState.Serving());
    }

    private static void pass(Duration time) {
        NOW.updateAndGet(instant -> instant.plus(time));
    }

    /** The table: what says that sessions, login or handles are gone, in the words of PKCS#11. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                0x05, 0x30, 0x31, 0x32, 0x60, 0x82, 0xb0, 0xb3, 0xe0, 0xf0, 0x101, 0x113, 0x190
            })
    void isLostAndComesBackWithOneLogin(long result) throws Exception {
        long logins = folder.logins();
        module.answer(C_WRAP_KEY, result, 1);
        assertRefused(Reason.TOKEN_FAILED, FailingModuleTest::rewrap);
        serves();
        assertThat(folder.logins()).isEqualTo(logins + 1);
    }

    /** Of these the call failed and nothing else: CloudHSM says 0x06 to who asks too often. */
    @ParameterizedTest
    @ValueSource(longs = {0x02, 0x06, 0x54, 0x63, 0x69, 0x70, 0x90, 0x110, 0x112, 0x80000001L})
    void isNoLossAndNoReasonToLogInAgain(long result) throws Exception {
        long logins = folder.logins();
        module.answer(C_WRAP_KEY, result, 1);
        assertRefused(Reason.TOKEN_FAILED, FailingModuleTest::rewrap);
        serves();
        assertThat(folder.logins()).isEqualTo(logins);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x30, 0x32, 0xe0})
    void staysDownWhileItGoesOnFailing(long result) throws Exception {
        long logins = folder.logins();
        module.answer(C_WRAP_KEY, result, 1);
        module.answer(C_OPEN_SESSION, result, Integer.MAX_VALUE);
        assertRefused(Reason.TOKEN_DOWN, FailingModuleTest::rewrap);
        var down = (TokenState.Down) custodian.state();
        assertThat(down.reason()).isEqualTo(Reason.TOKEN_FAILED);
        assertThat(down.message()).contains(CkResult.describe(result));

        module.letGo();
        assertRefused(Reason.TOKEN_DOWN, FailingModuleTest::rewrap);
        assertThat(folder.logins()).as("nothing is tried before it is time").isEqualTo(logins);
        NOW.set(down.nextAttempt().orElseThrow());
        serves();
        assertThat(folder.logins()).isEqualTo(logins + 1);
    }

    /** The module's own limit, with fewer sessions than threads: who comes late is told so. */
    @Test
    void exhaustedSessionsAreBusyAndNotLost() throws Exception {
        long logins = folder.logins();
        module.giveNoMoreSessions();
        module.hold(C_WRAP_KEY);
        CompletableFuture<Void> first = inBackground();
        awaitHeld();

        assertRefused(Reason.TOKEN_BUSY, FailingModuleTest::rewrap);
        assertRefused(Reason.TOKEN_BUSY, () -> custodian.keks(ACME));
        assertThat(signer.sign(record)).as("in a session of its own").isNotEmpty();
        assertThat(custodian.check()).isInstanceOf(TokenState.Busy.class);
        assertThat(custodian.state()).isEqualTo(new TokenState.Serving());

        module.letGo();
        first.join();
        serves();
        assertThat(folder.logins()).as("no login helps, and none is made").isEqualTo(logins);
    }

    /** Nothing may start a module again under a running call; so it stays as it is. */
    @Test
    void aModuleWhoseCallsNeverEndIsLeftAloneAndDown() throws Exception {
        long logins = folder.logins();
        module.hold(C_WRAP_KEY);
        CompletableFuture<Void> stuck = inBackground();
        awaitHeld();
        module.answer(CkFunction.C_FIND_OBJECTS_INIT, 0x32, 1);

        assertRefused(Reason.TOKEN_DOWN, () -> custodian.createKek(ACME, 3));
        var down = (TokenState.Down) custodian.state();
        assertThat(down.reason()).isEqualTo(Reason.TOKEN_BUSY);
        assertThat(down.message()).contains("calls in the module do not end; it is left alone");
        assertThat(custodian.check()).isEqualTo(down);
        assertThat(stuck).isNotDone();

        NOW.set(down.nextAttempt().orElseThrow());
        assertRefused(Reason.TOKEN_DOWN, FailingModuleTest::rewrap);
        assertThat(folder.logins()).isEqualTo(logins);

        module.letGo();
        assertThat(stuck.handle((_, failure) -> String.valueOf(failure)).join())
                .as("what it would have done next in the token")
                .contains("the token is down");
        pass(LONG);
        serves();
        assertThat(folder.logins()).isEqualTo(logins + 1);
    }

    private static CompletableFuture<Void> inBackground() {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        rewrap();
                    } catch (CustodyException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> Thread.ofPlatform().start(task));
    }

    private static void awaitHeld() {
        long deadline = System.nanoTime() + AT_MOST.toNanos();
        while (module.held() == 0) {
            assertThat(System.nanoTime()).as("a call is held").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
