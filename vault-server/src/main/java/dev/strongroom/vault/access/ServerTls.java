package dev.strongroom.vault.access;

import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The vault's side of mutual TLS: version 1.3 only, a server key that lives as long as the process,
 * and no connection without a client certificate of the vault's CA.
 */
public final class ServerTls {
    private static final Duration VALIDITY = Duration.ofDays(365); // a restart makes a new one
    private static final List<String> LOCAL_NAMES = List.of("localhost", "127.0.0.1");

    private ServerTls() {}

    /**
     * Makes the server's key and certificate.
     *
     * @param hostNames beside localhost and 127.0.0.1
     */
    public static SslContext create(
            CertificateAuthority authority,
            List<String> hostNames,
            Instant now,
            SecureRandom random)
            throws RefusedException, IOException {
        var names = new ArrayList<>(LOCAL_NAMES);
        names.addAll(hostNames);
        KeyPair key = newKey(random);
        X509Certificate certificate =
                authority.issueServer(
                        "strongroom vault",
                        key.getPublic().getEncoded(),
                        now.plus(VALIDITY),
                        names);
        return GrpcSslContexts.configure(
                        SslContextBuilder.forServer(
                                key.getPrivate(), certificate, authority.certificate()))
                .protocols("TLSv1.3")
                .trustManager(authority.certificate())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
    }

    /** A P-256 key pair. */
    public static KeyPair newKey(SecureRandom random) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }
}
