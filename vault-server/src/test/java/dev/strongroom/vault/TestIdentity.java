package dev.strongroom.vault;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.peer.ClientKey;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A key with a client certificate of the vault under test. */
public record TestIdentity(KeyPair key, X509Certificate certificate, X509Certificate ca) {
    static KeyPair newKey() {
        return P256.newKeyPair(new SecureRandom());
    }

    /** A PKCS#10 request; its name is never taken over. */
    static byte[] csr(KeyPair key) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(
                            new X500Name("CN=ignored,O=ignored"), key.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                    .getEncoded();
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connection with this identity's certificate. */
    ManagedChannel connect(String address) {
        try {
            return NettyChannelBuilder.forTarget(address)
                    .sslContext(
                            GrpcSslContexts.forClient()
                                    .trustManager(ca)
                                    .keyManager(
                                            new ClientKey(key.getPrivate(), List.of(certificate)))
                                    .build())
                    .build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
