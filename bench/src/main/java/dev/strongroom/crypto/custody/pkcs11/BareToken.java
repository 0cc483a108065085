package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.RecordMac;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey.AtRest;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A stopped vault's token: what the module itself can do, and records as the vault writes them. */
public final class BareToken implements AutoCloseable {
    private final Pkcs11Custodian custodian;
    private final Cryptoki cryptoki;
    private final long slot;
    private final Mechanism keyWrap = new Mechanism.Plain(Ck.CKM_AES_KEY_WRAP);

    /** Logs in to a SoftHSM2 token. */
    public BareToken(Path module, String label, String serial, Path pinFile)
            throws CustodyException {
        custodian =
                Pkcs11Custodian.open(
                        new Pkcs11Config(module, label, PinSource.file(pinFile)), serial);
        cryptoki = Cryptoki.load(Pkcs11Module.at(module));
        slot = TokenChoice.bySerial(cryptoki, label, serial).slot();
    }

    /**
     * What so many threads did.
     *
     * @param processorMicros processor time of each re-wrap
     */
    public record Rate(double perSecond, double processorMicros) {}

    private record Done(long rewraps, long processorNanos) {}

    /** Unwraps, wraps and destroys, and nothing else, in so many sessions. */
    public Rate rewraps(AtRest key, int threads, Duration span) throws InterruptedException {
        long end = System.nanoTime() + span.toNanos();
        List<Future<Done>> counts = new ArrayList<>();
        long begun = System.nanoTime();
        try (var pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                counts.add(pool.submit(() -> loop(key, end)));
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        long rewraps = 0;
        long processorNanos = 0;
        for (Future<Done> count : counts) {
            try {
                rewraps += count.get().rewraps();
                processorNanos += count.get().processorNanos();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return new Rate(rewraps / seconds, processorNanos / 1e3 / rewraps);
    }

    private Done loop(AtRest key, long end) throws Pkcs11Exception {
        byte[] wrapped = key.wrapped();
        Template dataKey = Templates.dataKey();
        long session = cryptoki.openSession(slot);
        try {
            KeyName name = KeyName.kek(key.tenant(), key.kekVersion());
            long kek =
                    cryptoki.find(session, new Template().bytes(Ck.CKA_ID, name.id().bytes()))
                            .getFirst();
            var clock = ManagementFactory.getThreadMXBean();
            long used = clock.getCurrentThreadCpuTime();
            long done = 0;
            while (System.nanoTime() < end) {
                long unwrapped = cryptoki.unwrap(session, keyWrap, kek, wrapped, dataKey);
                cryptoki.wrap(session, keyWrap, kek, unwrapped);
                cryptoki.destroyObject(session, unwrapped);
                done++;
            }
            return new Done(done, clock.getCurrentThreadCpuTime() - used);
        } finally {
            cryptoki.closeSession(session);
        }
    }

    /** Reads a record of the vault's. */
    public AtRest read(byte[] record) throws CustodyException {
        return custodian.authenticate(record);
    }

    /** The newest key-encryption key. */
    public KekInfo kek(TenantName tenant) throws CustodyException {
        return custodian.keks(tenant).getLast();
    }

    /** The same wrapped key as other versions' records, proven together. */
    public List<byte[]> copies(AtRest key, KekInfo kek, List<VersionId> versions)
            throws CustodyException {
        var wrappings = new ArrayList<AtRest.Wrapping>();
        for (VersionId version : versions) {
            var binding =
                    new WrapBinding(key.model(), version, key.ownerId(), key.manifestDigest());
            wrappings.add(new AtRest.Wrapping(binding, kek, key.wrapFormat(), key.wrapped()));
        }
        return AtRest.writeAll(wrappings, mac()).stream().map(AtRest::encoded).toList();
    }

    private RecordMac mac() {
        try {
            var mac = Pkcs11Custodian.class.getDeclaredField("mac");
            mac.setAccessible(true);
            return (RecordMac) mac.get(custodian);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        custodian.close();
    }
}
