package dev.strongroom.client;

import dev.strongroom.attestation.encoding.Cmw;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.peer.EngineTrust;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Judges a node inside the TLS handshake. A certificate that carries evidence is believed for that
 * alone, whoever signed it; one without is left to the vault's authority, and proves nothing yet.
 * Whatever key the first handshake shows, every later one of the channel must show it as well.
 *
 * <p>Thread-safe.
 */
final class NodePeer extends EngineTrust {
    private final X509ExtendedTrustManager authority;
    private final HandshakeJudge judge;
    private final AtomicReference<@Nullable Shown> shown = new AtomicReference<>();
    private volatile Predicate<Shown> acceptable = _ -> true;

    /** Decides over what a certificate carries, without asking anybody. */
    @FunctionalInterface
    interface HandshakeJudge {
        NodeVerifier.Judged judge(GetEvidenceResponse answer, byte[] peerSpki)
                throws ClientException, IOException;
    }

    /**
     * What the peer has shown.
     *
     * @param spki its TLS key
     * @param judged empty when its certificate carries no evidence
     */
    record Shown(byte[] spki, Optional<NodeVerifier.Judged> judged) {}

    NodePeer(X509ExtendedTrustManager authority, HandshakeJudge judge) {
        this.authority = authority;
        this.judge = judge;
    }

    /** Of the newest handshake; throws before the first. */
    Shown shown() {
        Shown last = shown.get();
        if (last == null) {
            throw new IllegalStateException("no handshake has been completed");
        }
        return last;
    }

    /**
     * Every later handshake must show what is acceptable; else the node has to be attested again.
     */
    void settle(Predicate<Shown> acceptable) {
        this.acceptable = acceptable;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        byte[] spki = chain[0].getPublicKey().getEncoded();
        Shown last = shown.get();
        if (last != null && !MessageDigest.isEqual(last.spki(), spki)) {
            throw new PeerKeyChangedException();
        }
        byte[] extension = chain[0].getExtensionValue(Cmw.EXTENSION);
        if (extension == null) {
            authority.checkServerTrusted(chain, authType, engine);
            accept(new Shown(spki, Optional.empty()));
        } else {
            accept(new Shown(spki, Optional.of(judge(extension, spki))));
        }
    }

    private void accept(Shown next) throws CertificateException {
        if (!acceptable.test(next)) {
            throw new ReconnectedException();
        }
        shown.set(next);
    }

    private NodeVerifier.Judged judge(byte[] extension, byte[] spki) throws CertificateException {
        try {
            Cmw message = Cmw.decodeWrapped(extension);
            return judge.judge(GetEvidenceResponse.parseFrom(message.value()), spki);
        } catch (ClientException | IOException | MalformedEncodingException e) {
            throw new CertificateException("the node's evidence: " + e.getMessage(), e);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authority.getAcceptedIssuers();
    }
}
