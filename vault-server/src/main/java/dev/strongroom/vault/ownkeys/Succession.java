package dev.strongroom.vault.ownkeys;

import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.format.KeySuccession;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.CertificateAuthority.Issuer;
import dev.strongroom.vault.ownkeys.OwnKeys.InForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;

/**
 * What is in force after one of the vault's keys was replaced or has ended, as the ceremony key
 * signs it.
 *
 * @param ceremony signs each identity
 */
public record Succession(StatementSigner ceremony, InstantSource clock, SecureRandom random) {
    /**
     * One key follows another.
     *
     * @param version of the new one
     * @param leaf of the log that will say so
     */
    InForce rotated(
            InForce now,
            SigningKey key,
            int version,
            TokenSigner ending,
            TokenSigner made,
            long leaf)
            throws RefusedException {
        try {
            return switch (key) {
                case SIGNING -> withSigningKey(now, ending, made, leaf);
                case CA -> withAuthority(now, version, ending, made);
                case TLS ->
                        new InForce(
                                now.identity(), now.envelope(), now.signing(), made, now.issuer());
                case CEREMONY -> throw new IllegalArgumentException("the ceremony key is pinned");
            };
        } catch (SignatureException e) {
            throw unsigned(e);
        }
    }

    /** The new key is introduced by the one that ends, and by the ceremony key. */
    private InForce withSigningKey(InForce now, TokenSigner ending, TokenSigner made, long leaf)
            throws SignatureException {
        var word =
                KeySuccession.sign(
                        now.identity().logOrigin(), ending, ending.spki(), leaf, made.spki());
        VaultIdentity next = now.identity().withSigningKey(made.spki(), word);
        return new InForce(next, envelope(next), made, now.tls(), now.issuer());
    }

    private InForce withAuthority(InForce now, int version, TokenSigner ending, TokenSigner made)
            throws SignatureException {
        X509Certificate root = now.issuer().certificate();
        X509Certificate certificate =
                CertificateAuthority.selfSign(made, version, clock.instant(), random);
        X509Certificate word =
                CertificateAuthority.crossSign(ending, root, certificate, clock.instant(), random);
        VaultIdentity next =
                now.identity().withAuthorities(List.of(encoded(certificate), encoded(root)));
        return new InForce(
                next,
                envelope(next),
                now.signing(),
                now.tls(),
                new Issuer(made, certificate, List.of(word, root)));
    }

    /** The certificates of an earlier CA count no more; of other keys nothing is left to end. */
    InForce retired(InForce now, SigningKey key) throws RefusedException {
        if (key != SigningKey.CA) {
            return now;
        }
        try {
            VaultIdentity next =
                    now.identity().withAuthorities(List.of(now.identity().caCertificate()));
            return new InForce(
                    next,
                    envelope(next),
                    now.signing(),
                    now.tls(),
                    new Issuer(now.issuer().signer(), now.issuer().certificate(), List.of()));
        } catch (SignatureException e) {
            throw unsigned(e);
        }
    }

    private byte[] envelope(VaultIdentity identity) throws SignatureException {
        return identity.sign(ceremony).encode();
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("our own certificate does not encode", e);
        }
    }

    private static RefusedException unsigned(SignatureException cause) {
        return new RefusedException(
                Reason.TOKEN_UNAVAILABLE,
                "the token did not sign; nothing was changed; check it with: strongroom doctor",
                cause);
    }
}
