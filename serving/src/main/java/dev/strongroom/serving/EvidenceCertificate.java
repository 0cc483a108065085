package dev.strongroom.serving;

import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.enclave.lease.AttestedCertificate;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.ServingProof;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate with this node's evidence, made anew after each renewal of the lease and for each
 * version. A handshake never waits for the platform: the first one after a renewal is still shown
 * the certificate of the lease before, whose age a caller can see.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class EvidenceCertificate implements Supplier<Optional<X509Certificate>>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EvidenceCertificate.class);

    private record Made(Grant grant, Optional<X509Certificate> certificate) {
        boolean isFor(Grant other) {
            return Arrays.equals(grant.presented().lease(), other.presented().lease());
        }
    }

    private final Supplier<Grant> grants;
    private final ServingProof proof;
    private final AttestedCertificate maker = new AttestedCertificate(new SecureRandom());
    private volatile Made made;
    private final ExecutorService worker =
            new ThreadPoolExecutor(
                    0,
                    1,
                    1,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(1),
                    Thread.ofPlatform().name("evidence-certificate").daemon().factory());

    private EvidenceCertificate(Supplier<Grant> grants, ServingProof proof) {
        this.grants = grants;
        this.proof = proof;
        this.made = make(grants.get());
    }

    /** Makes the first one. */
    static EvidenceCertificate start(Supplier<Grant> grants, ServingProof proof) {
        return new EvidenceCertificate(grants, proof);
    }

    @Override
    public Optional<X509Certificate> get() {
        Made last = made;
        if (!last.isFor(grants.get())) {
            renew();
        }
        return last.certificate();
    }

    private void renew() {
        try {
            worker.execute(() -> {
                Grant grant = grants.get();
                if (!made.isFor(grant)) {
                    made = make(grant);
                }
            });
        } catch (RejectedExecutionException busy) {
            LOG.debug("evidence-certificate.being-made");
        }
    }

    private Made make(Grant grant) {
        try {
            Optional<X509Certificate> certificate = maker.make(grant, proof);
            if (certificate.isEmpty()) {
                LOG.info(
                        "evidence-certificate.none its documents are too large; callers ask on the"
                                + " channel");
            }
            return new Made(grant, certificate);
        } catch (GuestException | RuntimeException e) {
            LOG.warn("evidence-certificate.failed callers ask on the channel", e);
            return new Made(grant, Optional.empty());
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
