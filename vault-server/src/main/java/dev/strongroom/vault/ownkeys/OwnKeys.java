package dev.strongroom.vault.ownkeys;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.CertificateAuthority.Issuer;
import dev.strongroom.vault.audit.LogSigner;
import dev.strongroom.vault.audit.OwnKeyHistory;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The vault's own keys that are in force, and the identity that says so. Whoever signs asks for the
 * key each time: it may be another one by then.
 *
 * <p>Thread-safe, once the keys were found.
 */
public final class OwnKeys implements LogSigner {
    /** What is in force together. */
    record InForce(
            VaultIdentity identity,
            byte[] envelope,
            TokenSigner signing,
            TokenSigner tls,
            Issuer issuer) {
        InForce withTls(TokenSigner key) {
            return new InForce(identity, envelope, signing, key, issuer);
        }
    }

    private final VaultIdentity atStart;
    private final byte[] envelopeAtStart;
    private final InstantSource clock;
    private final SecureRandom random;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable InForce now;

    /**
     * The keys of an identity, which the ceremony key signed; {@link #find} finds them.
     *
     * @param envelope what the identity was read from
     */
    public OwnKeys(
            VaultIdentity identity, byte[] envelope, InstantSource clock, SecureRandom random) {
        this.atStart = identity;
        this.envelopeAtStart = envelope.clone();
        this.clock = clock;
        this.random = random;
    }

    /**
     * Finds the keys that the log says are in force.
     *
     * @throws StartupException INTEGRITY if the identity is another one, or not of these keys
     */
    public void find(KeyCustodian custodian, OwnKeyHistory history)
            throws StartupException, CustodyException {
        history.requireInForce(atStart.number(), Digest.sha256(atStart.encode()));
        TokenSigner signing = current(custodian, history, SigningKey.SIGNING);
        TokenSigner authority = current(custodian, history, SigningKey.CA);
        X509Certificate certificate = CertificateAuthority.parse(atStart.caCertificate());
        if (!Arrays.equals(atStart.signingSpki(), signing.spki())
                || !Arrays.equals(certificate.getPublicKey().getEncoded(), authority.spki())) {
            throw new StartupException(
                    Exit.INTEGRITY,
                    "the data folder's identity is not of this token's keys: the token was"
                            + " exchanged or the database was changed; restore both from one"
                            + " backup");
        }
        now =
                new InForce(
                        atStart,
                        envelopeAtStart,
                        signing,
                        current(custodian, history, SigningKey.TLS),
                        new Issuer(
                                authority, certificate, earlier(custodian, history, certificate)));
    }

    private static TokenSigner current(
            KeyCustodian custodian, OwnKeyHistory history, SigningKey key) throws CustodyException {
        return custodian.signer(key, history.standing(key).current());
    }

    /** An earlier CA that counts speaks for the present one, so that who knows it alone goes on. */
    private List<X509Certificate> earlier(
            KeyCustodian custodian, OwnKeyHistory history, X509Certificate certificate)
            throws CustodyException {
        Optional<Integer> superseded = history.standing(SigningKey.CA).superseded();
        if (superseded.isEmpty() || atStart.caCertificates().size() < 2) {
            return List.of();
        }
        X509Certificate root = CertificateAuthority.parse(atStart.caCertificates().getLast());
        TokenSigner signer = custodian.signer(SigningKey.CA, superseded.get());
        try {
            return List.of(
                    CertificateAuthority.crossSign(
                            signer, root, certificate, clock.instant(), random),
                    root);
        } catch (SignatureException e) {
            throw new CustodyException(
                    CustodyException.Reason.TOKEN_FAILED, "the token did not sign", e);
        }
    }

    InForce inForce() {
        InForce found = now;
        if (found == null) {
            throw new IllegalStateException("the vault's own keys were not found yet");
        }
        return found;
    }

    /** Inside the transaction in which the log says so. */
    void put(InForce next) {
        now = next;
    }

    /** Calls back after each change, on the thread that made it. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    void changed() {
        listeners.forEach(Runnable::run);
    }

    public VaultIdentity identity() {
        return inForce().identity();
    }

    /** The identity as the ceremony key signed it: DSSE in canonical encoding. */
    public byte[] envelope() {
        return inForce().envelope().clone();
    }

    /** Signs leases, countersignatures and the log. */
    public TokenSigner signing() {
        return inForce().signing();
    }

    /** What evidence for this vault names. */
    public Digest signingKeyId() {
        return inForce().signing().keyId();
    }

    /** The key of the vault's TLS server. */
    public TokenSigner tls() {
        return inForce().tls();
    }

    /** What certificates are issued with. */
    public Issuer issuer() {
        return inForce().issuer();
    }

    @Override
    public String origin() {
        return atStart.logOrigin();
    }

    @Override
    public StatementSigner now() {
        return signing();
    }

    /** At the start that is also the last head before a change that was cut short. */
    @Override
    public NoteKey keyOf(SignedCheckpoint head) throws SealedFormatException {
        InForce found = now;
        return head.logKey(found == null ? atStart : found.identity());
    }
}
