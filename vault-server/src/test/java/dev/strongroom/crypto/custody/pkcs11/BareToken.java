package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.RecordMac;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What the module itself can do, in the login of a custodian that is open in this process. */
public final class BareToken {
    private final Cryptoki cryptoki;
    private final long slot;
    private final Mechanism keyWrap = new Mechanism.Plain(Ck.CKM_AES_KEY_WRAP);

    public BareToken(java.nio.file.Path module, String label, String serial)
            throws CustodyException {
        cryptoki = Cryptoki.load(Pkcs11Module.at(module));
        slot = TokenChoice.bySerial(cryptoki, label, serial).slot();
    }

    /** Unwraps, wraps and destroys, and nothing else, in so many sessions; re-wraps a second. */
    public double rewrapsPerSecond(
            TenantName tenant, int kek, byte[] wrapped, int threads, Duration span)
            throws InterruptedException {
        long end = System.nanoTime() + span.toNanos();
        List<Future<Long>> counts = new ArrayList<>();
        long begun = System.nanoTime();
        try (var pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                counts.add(pool.submit(() -> loop(tenant, kek, wrapped, end)));
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        long done = 0;
        for (Future<Long> count : counts) {
            try {
                done += count.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return done / seconds;
    }

    private long loop(TenantName tenant, int kek, byte[] wrapped, long end) throws Pkcs11Exception {
        long session = cryptoki.openSession(slot);
        try {
            var name = new Template().bytes(Ck.CKA_ID, KeyName.kek(tenant, kek).id().bytes());
            long key = cryptoki.find(session, name).getFirst();
            long done = 0;
            while (System.nanoTime() < end) {
                long dataKey = cryptoki.unwrap(session, keyWrap, key, wrapped, Templates.dataKey());
                cryptoki.wrap(session, keyWrap, key, dataKey);
                cryptoki.destroyObject(session, dataKey);
                done++;
            }
            return done;
        } finally {
            cryptoki.closeSession(session);
        }
    }

    /**
     * The same wrapped key as the record of another version, as the token would have written it.
     */
    public static WrappedKey.AtRest copy(
            Pkcs11Custodian custodian, WrappedKey.AtRest record, KekInfo kek, VersionId version) {
        try {
            var mac = Pkcs11Custodian.class.getDeclaredField("mac");
            mac.setAccessible(true);
            var binding =
                    new WrapBinding(
                            record.model(), version, record.ownerId(), record.manifestDigest());
            var wrapping =
                    new WrappedKey.AtRest.Wrapping(
                            binding, kek, record.wrapFormat(), record.wrapped());
            return WrappedKey.AtRest.write(wrapping, (RecordMac) mac.get(custodian));
        } catch (ReflectiveOperationException | CustodyException e) {
            throw new IllegalStateException(e);
        }
    }
}
