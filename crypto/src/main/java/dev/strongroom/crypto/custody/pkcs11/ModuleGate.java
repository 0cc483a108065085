package dev.strongroom.crypto.custody.pkcs11;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets calls into a module at any time but while it is finalised and initialised again: to do that
 * under a running call is undefined. Counts the restarts, so that nobody takes a handle of an
 * earlier life for one of this.
 *
 * <p>Thread-safe.
 */
final class ModuleGate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Set<Runnable> users = ConcurrentHashMap.newKeySet();
    private final AtomicLong life = new AtomicLong(1);

    /** Which initialisation of the module the handles of this moment belong to. */
    long life() {
        return life.get();
    }

    /** Waits while the module restarts; false if that takes longer. Then {@link #leave}. */
    boolean enter(Duration patience) throws InterruptedException {
        return lock.readLock().tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    void leave() {
        lock.readLock().unlock();
    }

    /** Waits until no call is in the module; false if one stays. Then {@link #open}. */
    boolean close(Duration patience) throws InterruptedException {
        return lock.writeLock().tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    void open() {
        lock.writeLock().unlock();
    }

    /**
     * Has something done before each restart: what would use old handles by itself must be gone by
     * then, for the numbers come back as somebody else's.
     */
    void beforeRestart(Runnable letGo) {
        users.add(letGo);
    }

    void forget(Runnable letGo) {
        users.remove(letGo);
    }

    void restarting() {
        users.forEach(Runnable::run);
        life.incrementAndGet();
    }
}
