package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TestEnclave;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The token is lost again and again while many threads use it: nothing wrong comes out. */
class RecoveryUnderLoadTest {
    private static final int LOSSES = 6;
    private static final int WORKERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<Reason> EXPECTED =
            EnumSet.of(Reason.TOKEN_FAILED, Reason.TOKEN_DOWN, Reason.TOKEN_BUSY);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger successes = new AtomicInteger();

    @Test
    void callsEndCleanlyAndTheKeysAreStillRight() throws Exception {
        SoftHsm softHsm;
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        byte[] record;
        try (TestToken token = TestToken.make()) {
            softHsm = token.softHsm();
            record = token.imported(dataKey, binding).encoded();
        }
        try (var custodian =
                        Pkcs11Custodian.open(
                                TestToken.config(softHsm), softHsm.serial(), now::get);
                var threads = Executors.newFixedThreadPool(WORKERS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                running.add(threads.submit(worker(custodian, record)));
            }
            for (int i = 0; i < LOSSES; i++) {
                int before = successes.get();
                logOut(softHsm);
                awaitProgress(running, before);
                now.updateAndGet(instant -> instant.plus(RecoveryPace.STEADY.plusSeconds(1)));
            }
            done.set(true);
            for (Future<?> worker : running) {
                worker.get();
            }
            assertThat(failures).as("calls met a loss").hasPositiveValue();
            assertThat(custodian.check()).isEqualTo(new TokenState.Serving());
            var enclave = new TestEnclave(3072);
            var released =
                    custodian.releaseTo(custodian.authenticate(record), enclave.attested(binding));
            assertThat(enclave.open(released)).isEqualTo(dataKey);
            assertThat(TransientObject.live()).isZero();
        }
    }

    private Callable<Void> worker(Pkcs11Custodian custodian, byte[] record) {
        return () -> {
            while (!done.get()) {
                try {
                    assertThat(custodian.authenticate(record).encoded()).isEqualTo(record);
                    assertThat(custodian.signer(SigningKey.SIGNING, SigningKey.FIRST).sign(record))
                            .isNotEmpty();
                    successes.incrementAndGet();
                } catch (SignatureException e) {
                    failures.incrementAndGet();
                } catch (CustodyException e) {
                    assertThat(e.reason()).as(e.getMessage()).isIn(EXPECTED);
                    failures.incrementAndGet();
                }
            }
            return null;
        };
    }

    /** Serving again, however long ago the last loss was for the clock of the test. */
    private void awaitProgress(List<Future<?>> running, int before) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (successes.get() < before + 2 * WORKERS) {
            assertThat(System.nanoTime()).as("recovers in time").isLessThan(deadline);
            for (Future<?> worker : running) {
                if (worker.isDone()) {
                    worker.get(); // it only ends early with what went wrong
                }
            }
            now.updateAndGet(instant -> instant.plusSeconds(1)); // so that pauses pass
            Thread.onSpinWait();
        }
    }

    private static void logOut(SoftHsm softHsm) throws Exception {
        Cryptoki cryptoki = Cryptoki.load(Pkcs11Module.at(softHsm.module()));
        cryptoki.gate().enter(PATIENCE);
        try {
            long slot = TokenChoice.bySerial(cryptoki, softHsm.label(), softHsm.serial()).slot();
            long session = cryptoki.openSession(slot);
            cryptoki.logout(session);
        } catch (Pkcs11Exception alreadyLoggedOut) {
            assertThat(CkResult.describe(alreadyLoggedOut.result())).contains("LOGGED_IN");
        } finally {
            cryptoki.gate().leave();
        }
    }
}
