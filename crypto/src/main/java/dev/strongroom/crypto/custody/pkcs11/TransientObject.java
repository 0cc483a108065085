package dev.strongroom.crypto.custody.pkcs11;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A session object for the length of a block; closing destroys it. If that fails, the failure
 * closes the session, which destroys it as well.
 */
final class TransientObject implements AutoCloseable {
    private static final AtomicInteger LIVE = new AtomicInteger();

    private final Cryptoki cryptoki;
    private final long session;
    private final long handle;

    TransientObject(Cryptoki cryptoki, long session, long handle) {
        this.cryptoki = cryptoki;
        this.session = session;
        this.handle = handle;
        LIVE.incrementAndGet();
    }

    long handle() {
        return handle;
    }

    /** How many are in a block now, in this process. */
    static int live() {
        return LIVE.get();
    }

    @Override
    public void close() throws Pkcs11Exception {
        LIVE.decrementAndGet();
        cryptoki.destroyObject(session, handle);
    }
}
