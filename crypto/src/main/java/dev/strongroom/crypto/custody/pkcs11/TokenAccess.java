package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.TokenState;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way to a token, and the way back to it: a failure that means the token is lost starts the
 * module again, logs in exactly once and looks for everything anew, or leaves the token down and
 * says why. The failed call is not repeated; whoever made it decides.
 *
 * <p>Thread-safe.
 */
final class TokenAccess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TokenAccess.class);
    static final Duration PATIENCE = Duration.ofSeconds(10); // a recovery takes under one

    /** Finds the token, logs in once, tests it and finds its keys. */
    @FunctionalInterface
    interface Opening {
        Connection open() throws CustodyException;
    }

    /** Work that needs no session of ours. */
    @FunctionalInterface
    interface Signing<T> {
        T with(SunSigners signers) throws GeneralSecurityException, CustodyException;
    }

    private final ModuleGate gate;
    private final Cryptoki cryptoki;
    private final Opening opening;
    private final SessionLeases.SessionTask lookForVaultKeys;
    private final InstantSource clock;
    private final Duration patience;
    private final RecoveryPace pace = new RecoveryPace();
    private final ReentrantLock recovering = new ReentrantLock();
    private final Runnable letGo = this::dropSigners;
    private volatile Connection connection;
    private volatile long life; // of the module when we last began with it
    private volatile TokenState state = new TokenState.Serving();

    /**
     * Takes over a first connection.
     *
     * @param opening how to get another one
     * @param lookForVaultKeys fails with KEY_NOT_FOUND if the token lost the vault's own keys
     * @param patience how long a recovery waits for calls in the module, and calls for a recovery
     */
    TokenAccess(
            Cryptoki cryptoki,
            Connection first,
            Opening opening,
            SessionLeases.SessionTask lookForVaultKeys,
            InstantSource clock,
            Duration patience) {
        this.cryptoki = cryptoki;
        this.gate = cryptoki.gate();
        this.opening = opening;
        this.lookForVaultKeys = lookForVaultKeys;
        this.clock = clock;
        this.patience = patience;
        this.connection = first;
        this.life = gate.life();
        gate.beforeRestart(letGo);
    }

    TokenState state() {
        return state;
    }

    /** Does the work in a session of its own, once. */
    <T> T use(String what, SessionLeases.SessionWork<T> work) throws CustodyException {
        Connection current = enter(what);
        CustodyException failure;
        try {
            return current.sessions().use(what, work);
        } catch (CustodyException e) {
            failure = isLoss(current, e) ? e : null;
            if (failure == null) {
                throw e;
            }
        } finally {
            gate.leave();
        }
        recover(current, failure);
        throw afterLoss(what, failure);
    }

    /** Signs once. A signature can fail for want of a session, which is no loss of the token. */
    <T> T sign(String what, Signing<T> signing) throws CustodyException {
        Connection current = enter(what);
        CustodyException failure;
        try {
            return signing.with(current.signers());
        } catch (GeneralSecurityException | ProviderException e) {
            failure =
                    new CustodyException(
                            Reason.TOKEN_FAILED, what + ": the token did not sign; try again", e);
            if (!isGone(current)) {
                throw failure;
            }
        } finally {
            gate.leave();
        }
        recover(current, failure);
        throw afterLoss(what, failure);
    }

    /** Whether the vault's own keys can be found now; recovers if not and if it is time. */
    TokenState check() {
        try {
            use(
                    "check the token",
                    session -> {
                        lookForVaultKeys.in(session);
                        return session;
                    });
        } catch (CustodyException e) {
            LOG.atDebug().setCause(e).log("token.check-failed");
            if (e.reason() == Reason.TOKEN_BUSY && state instanceof TokenState.Serving) {
                return new TokenState.Busy(String.valueOf(e.getMessage()));
            }
        }
        return state;
    }

    /** An operator's word: tries at once, also where only an operator may. */
    TokenState recoverNow() {
        recovering.lock();
        try {
            if (state instanceof TokenState.Down down) {
                pace.reset();
                attempt(new CustodyException(down.reason(), down.message()));
            }
        } finally {
            recovering.unlock();
        }
        return check();
    }

    /** Enters the gate with a connection that is of the module's present life. */
    private Connection enter(String what) throws CustodyException {
        if (state instanceof TokenState.Down down) {
            tryAgainIfDue(down);
        } else if (life != gate.life()) {
            recover(connection, lost(what));
        }
        enterGate(what);
        Connection current = connection;
        if (state instanceof TokenState.Serving && life == gate.life()) {
            return current;
        }
        gate.leave();
        throw refusal(what);
    }

    private void enterGate(String what) throws CustodyException {
        try {
            if (!gate.enter(patience)) {
                throw new CustodyException(
                        Reason.TOKEN_BUSY, what + ": the token is being recovered; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CustodyException(Reason.TOKEN_BUSY, what + ": interrupted", e);
        }
    }

    private CustodyException refusal(String what) {
        return switch (state) {
            case TokenState.Down down ->
                    new CustodyException(
                            Reason.TOKEN_DOWN,
                            "%s: the token is down since %s (%s): %s"
                                    .formatted(what, down.since(), down.reason(), down.message()),
                            new CustodyException(down.reason(), down.message()));
            case TokenState.Closed _ ->
                    new CustodyException(Reason.TOKEN_FAILED, what + ": custodian is closed");
            default ->
                    new CustodyException(
                            Reason.TOKEN_BUSY, what + ": the token is being recovered; try again");
        };
    }

    private CustodyException afterLoss(String what, CustodyException loss) {
        CustodyException now =
                state instanceof TokenState.Serving
                        ? new CustodyException(
                                Reason.TOKEN_FAILED,
                                what + ": the token was lost and is back; try again")
                        : refusal(what);
        now.addSuppressed(loss);
        return now;
    }

    private static CustodyException lost(String what) {
        return new CustodyException(
                Reason.TOKEN_FAILED, what + ": the module was started again by another user of it");
    }

    private boolean isLoss(Connection current, CustodyException failure) {
        if (TokenLoss.isSaidBy(failure)) {
            return true;
        }
        if (!TokenLoss.isPossibleBy(failure)) {
            return false;
        }
        return isGone(current);
    }

    private boolean isGone(Connection current) {
        try {
            current.sessions().run("look for the vault's keys", lookForVaultKeys);
            return false;
        } catch (CustodyException e) {
            return TokenLoss.isSaidBy(e) || TokenLoss.isPossibleBy(e);
        }
    }

    private void tryAgainIfDue(TokenState.Down down) {
        if (isDue(down)) {
            recover(connection, new CustodyException(down.reason(), down.message()));
        }
    }

    /** Recovers unless somebody else has done so since, or an attempt must wait. */
    private void recover(Connection lost, CustodyException loss) {
        recovering.lock();
        try {
            if (!connection.equals(lost) || state instanceof TokenState.Closed || mustWait()) {
                return;
            }
            Instant now = clock.instant();
            if (now.isBefore(pace.next())) {
                goDown(loss, now, Optional.of(pace.next()));
                return;
            }
            attempt(loss);
        } finally {
            recovering.unlock();
        }
    }

    private boolean mustWait() {
        return state instanceof TokenState.Down down && !isDue(down);
    }

    private boolean isDue(TokenState.Down down) {
        return down.nextAttempt().filter(at -> !clock.instant().isBefore(at)).isPresent();
    }

    private void attempt(CustodyException loss) {
        Instant now = clock.instant();
        Instant since = state instanceof TokenState.Down down ? down.since() : now;
        pace.attempt(now);
        LOG.atWarn().setCause(loss).log("token.lost");
        state = new TokenState.Quiescing(String.valueOf(loss.getMessage()));
        try {
            if (!gate.close(patience)) {
                throw new CustodyException(
                        Reason.TOKEN_BUSY, "calls in the module do not end; it is left alone");
            }
            try {
                state = new TokenState.Recovering(String.valueOf(loss.getMessage()));
                begin();
                connection = opening.open();
                state = new TokenState.Serving();
                LOG.atInfo().log("token.recovered");
            } finally {
                gate.open();
            }
        } catch (CustodyException e) {
            Optional<Instant> next =
                    TokenLoss.needsOperator(e) ? Optional.empty() : Optional.of(pace.next());
            goDown(e, since, next);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            goDown(loss, since, Optional.of(pace.next()));
        }
    }

    /** A module that somebody else has started again since is not started once more. */
    private void begin() throws CustodyException {
        try {
            if (life == gate.life()) {
                cryptoki.restart();
            }
        } catch (Pkcs11Exception e) {
            throw TokenFailures.of("start the module again", e);
        } finally {
            life = gate.life();
        }
    }

    private void goDown(CustodyException why, Instant since, Optional<Instant> next) {
        LOG.atError().setCause(why).addKeyValue("reason", why.reason()).log("token.down");
        state = new TokenState.Down(why.reason(), String.valueOf(why.getMessage()), since, next);
    }

    /** What SunPKCS11 keeps would close sessions of the next life by their numbers. */
    private void dropSigners() {
        connection.signers().close();
    }

    @Override
    public void close() {
        recovering.lock();
        try {
            if (state instanceof TokenState.Closed) {
                return;
            }
            boolean open = state instanceof TokenState.Serving && life == gate.life();
            state = new TokenState.Closed();
            gate.forget(letGo);
            if (open) {
                connection.close();
            }
        } finally {
            recovering.unlock();
        }
    }
}
