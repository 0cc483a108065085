package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out sessions of one logged-in token, each to one thread at a time: two threads in one
 * session can corrupt a module's memory. A session in which anything failed is closed, which also
 * ends its active operation and its session objects.
 *
 * <p>Thread-safe.
 */
final class SessionLeases implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionLeases.class);
    // More threads gain nothing on known modules.
    private static final Limits LIMITS = new Limits(16, Duration.ofSeconds(30));

    /** How many sessions at once, and how long a call waits for one. */
    record Limits(int sessions, Duration patience) {}

    /** What is done in one session. */
    @FunctionalInterface
    interface SessionWork<T> {
        T in(long session) throws Pkcs11Exception, CustodyException;
    }

    /** The same without a result. */
    @FunctionalInterface
    interface SessionTask {
        void in(long session) throws Pkcs11Exception, CustodyException;
    }

    private final Cryptoki cryptoki;
    private final long slot;
    private final long anchor; // keeps the login alive while no session is leased
    private final Limits limits;
    private final Semaphore free;
    private final Queue<Long> idle = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private SessionLeases(Cryptoki cryptoki, long slot, long anchor, Limits limits) {
        this.cryptoki = cryptoki;
        this.slot = slot;
        this.anchor = anchor;
        this.limits = limits;
        free = new Semaphore(limits.sessions());
    }

    /** Opens a session and logs in, with exactly one attempt. */
    static SessionLeases login(Cryptoki cryptoki, long slot, PinSource pin)
            throws CustodyException {
        return login(cryptoki, slot, pin, LIMITS);
    }

    static SessionLeases login(Cryptoki cryptoki, long slot, PinSource pin, Limits limits)
            throws CustodyException {
        try {
            long anchor = cryptoki.openSession(slot);
            try {
                attempt(cryptoki, anchor, Ck.CKU_USER, pin);
            } catch (CustodyException | Pkcs11Exception e) {
                cryptoki.closeSession(anchor);
                throw e;
            }
            return new SessionLeases(cryptoki, slot, anchor, limits);
        } catch (Pkcs11Exception e) {
            throw loginFailure(e);
        }
    }

    /** One attempt with what the source gives. */
    static void attempt(Cryptoki cryptoki, long session, long user, PinSource source)
            throws Pkcs11Exception, CustodyException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pin = source.read(arena);
            try {
                cryptoki.login(session, user, pin);
            } finally {
                pin.fill((byte) 0);
            }
        }
    }

    static CustodyException loginFailure(Pkcs11Exception e) {
        long result = e.result();
        if (result == CkResult.PIN_INCORRECT) {
            return new CustodyException(
                    Reason.PIN_INCORRECT,
                    "the token refused the PIN; one attempt was made, correct the PIN file first",
                    e);
        }
        if (result == CkResult.PIN_LOCKED) {
            return new CustodyException(
                    Reason.PIN_LOCKED,
                    "the token's PIN is locked; its security officer resets it",
                    e);
        }
        if (result == CkResult.USER_ALREADY_LOGGED_IN) {
            return new CustodyException(
                    Reason.TOKEN_BUSY, "the token is already open in this process", e);
        }
        return TokenFailures.of("login", e);
    }

    /**
     * Does the work in a session that no other thread uses meanwhile.
     *
     * @param what names the operation in the message of a failure
     */
    <T> T use(String what, SessionWork<T> work) throws CustodyException {
        acquire(what);
        try {
            return inSession(work);
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of(what, e);
        } finally {
            free.release();
        }
    }

    void run(String what, SessionTask task) throws CustodyException {
        use(
                what,
                session -> {
                    task.in(session);
                    return session;
                });
    }

    private void acquire(String what) throws CustodyException {
        try {
            if (closed) {
                throw new CustodyException(Reason.TOKEN_FAILED, what + ": custodian is closed");
            }
            if (!free.tryAcquire(limits.patience().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CustodyException(
                        Reason.TOKEN_BUSY, what + ": no free session within " + limits.patience());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CustodyException(Reason.TOKEN_BUSY, what + ": interrupted", e);
        }
    }

    private <T> T inSession(SessionWork<T> work) throws Pkcs11Exception, CustodyException {
        Long pooled = idle.poll();
        long session = pooled != null ? pooled : cryptoki.openSession(slot);
        boolean sound = false;
        try {
            T result = work.in(session);
            sound = true;
            return result;
        } finally {
            if (sound && !closed) {
                idle.add(session);
            } else {
                discard(session);
            }
        }
    }

    private void discard(long session) {
        try {
            cryptoki.closeSession(session);
        } catch (Pkcs11Exception ignored) {
            // it is gone already, which is what we want
        }
    }

    @Override
    public void close() {
        closeAfter(() -> {});
    }

    /**
     * Waits for the leases that are out, then logs out. A module in which calls do not end is left
     * alone: the end of the process ends its sessions too.
     *
     * @param last what is still to be done on the login, when no call of ours is in the module
     */
    void closeAfter(Runnable last) {
        if (closed) {
            return;
        }
        closed = true;
        if (!isQuiet()) {
            LOG.atError().log("token.left-open");
            return;
        }
        try {
            last.run();
            Long session;
            while ((session = idle.poll()) != null) {
                discard(session);
            }
            try {
                cryptoki.logout(anchor);
            } catch (Pkcs11Exception ignored) {
                // a token that is gone has logged us out
            }
            discard(anchor);
        } finally {
            free.release(limits.sessions());
        }
    }

    /** Whether all leases are back in time. Who interrupts this waits no longer. */
    private boolean isQuiet() {
        try {
            return free.tryAcquire(
                    limits.sessions(), limits.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return free.tryAcquire(limits.sessions());
        }
    }
}
