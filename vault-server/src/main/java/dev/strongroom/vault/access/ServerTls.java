package dev.strongroom.vault.access;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSsl;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslContextOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslX509KeyManagerFactory;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The vault's side of mutual TLS: version 1.3 only, no connection without a client certificate of
 * the vault's CA, and a server key that never leaves the token. While the token is lost a standby
 * key of this process takes its place, whose certificate is good for hours, so that callers can be
 * told why they are refused and an operator can put it right.
 *
 * <p>Thread-safe.
 */
public final class ServerTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final List<String> LOCAL_NAMES = List.of("localhost", "127.0.0.1");
    private static final Duration VALIDITY = Duration.ofDays(30);
    private static final Duration STANDBY_VALIDITY = Duration.ofHours(24);
    private static final Duration RENEWAL = Duration.ofHours(6);

    private final CertificateAuthority authority;
    private final KeyCustodian custodian;
    private final List<String> names;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Supplier<TokenSigner> key;
    private final TokenTlsKey signing;
    private final ScheduledExecutorService renewal =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("tls-renewal").factory());
    private volatile Identities identities;

    /** Both ways to be the vault, under certificates of one moment. */
    private record Identities(SslContext inToken, SslContext standby) {}

    private ServerTls(
            CertificateAuthority authority,
            KeyCustodian custodian,
            Supplier<TokenSigner> key,
            List<String> hostNames,
            InstantSource clock,
            SecureRandom random)
            throws RefusedException, IOException {
        this.authority = authority;
        this.custodian = custodian;
        this.key = key;
        this.clock = clock;
        this.random = random;
        names = new ArrayList<>(LOCAL_NAMES);
        names.addAll(hostNames);
        signing = new TokenTlsKey(custodian);
        identities = issue();
    }

    /**
     * Issues both certificates, and new ones every few hours while the token serves.
     *
     * @param key the server's, asked for with each new certificate
     * @param hostNames beside localhost and 127.0.0.1
     * @throws IOException if this machine has no BoringSSL for Netty
     */
    public static ServerTls start(
            CertificateAuthority authority,
            KeyCustodian custodian,
            Supplier<TokenSigner> key,
            List<String> hostNames,
            InstantSource clock,
            SecureRandom random)
            throws RefusedException, IOException {
        if (!OpenSsl.isAvailable()) {
            throw new IOException(
                    "the vault's TLS key is in the token, which takes the BoringSSL that comes with"
                            + " gRPC; it does not load here: check that the temporary folder allows"
                            + " execution",
                    OpenSsl.unavailabilityCause());
        }
        var tls = new ServerTls(authority, custodian, key, hostNames, clock, random);
        var _ =
                tls.renewal.scheduleWithFixedDelay(
                        tls::renew, RENEWAL.toHours(), RENEWAL.toHours(), TimeUnit.HOURS);
        return tls;
    }

    /** What a server listens with; each connection gets the identity of its moment. */
    public SslContext context() {
        return new LiveSslContext(this::current);
    }

    private SslContext current() {
        return custodian.state() instanceof TokenState.Serving
                ? identities.inToken()
                : identities.standby();
    }

    /**
     * Issues both certificates anew, for the key and under the CA of this moment. Connections that
     * exist keep what they began with.
     */
    public void renew() {
        try {
            if (custodian.check() instanceof TokenState.Serving) {
                identities = issue();
            }
        } catch (RefusedException | IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("tls.not-renewed");
        }
    }

    private Identities issue() throws RefusedException, IOException {
        return new Identities(inToken(), standby());
    }

    private SslContext inToken() throws RefusedException, IOException {
        TokenSigner signer = key.get();
        X509Certificate certificate = certificate(signer.spki(), VALIDITY);
        try {
            var chain = OpenSslX509KeyManagerFactory.newKeyless(chain(certificate));
            return configured(SslContextBuilder.forServer(chain))
                    .option(OpenSslContextOption.ASYNC_PRIVATE_KEY_METHOD, signing.with(signer))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("our own certificate is not taken", e);
        }
    }

    private SslContext standby() throws RefusedException, IOException {
        KeyPair pair = P256.newKeyPair(random);
        X509Certificate certificate = certificate(pair.getPublic().getEncoded(), STANDBY_VALIDITY);
        return configured(SslContextBuilder.forServer(pair.getPrivate(), chain(certificate)))
                .build();
    }

    private X509Certificate certificate(byte[] spki, Duration validity) throws RefusedException {
        return authority.issueServer(
                "strongroom vault", spki, clock.instant().plus(validity), names);
    }

    private X509Certificate[] chain(X509Certificate certificate) {
        return authority.chain(certificate).toArray(X509Certificate[]::new);
    }

    private SslContextBuilder configured(SslContextBuilder builder) {
        return GrpcSslContexts.configure(builder, SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .trustManager(authority.trusted().toArray(X509Certificate[]::new))
                .clientAuth(ClientAuth.REQUIRE);
    }

    @Override
    public void close() {
        renewal.shutdownNow();
        signing.close();
    }
}
