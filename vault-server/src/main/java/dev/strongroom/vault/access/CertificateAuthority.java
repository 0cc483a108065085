package dev.strongroom.vault.access;

import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;

/**
 * The vault's CA, whose key is in the token: certificates of callers, of attested nodes and of the
 * vault itself. Everything is ECDSA P-256; a certificate is for a client or for a server, never for
 * both.
 *
 * <p>Thread-safe.
 */
public final class CertificateAuthority {
    private static final Duration BACKDATED = Duration.ofMinutes(5); // clocks of callers differ
    private static final Duration CA_VALIDITY = Duration.ofDays(3650);
    private static final int SERIAL_BITS = 128;
    private static final int ONE_SUCCESSOR = 1;

    private final Supplier<Issuer> issuer;
    private final InstantSource clock;
    private final SecureRandom random;

    /**
     * What certificates are issued with.
     *
     * @param certificate the CA's own
     * @param earlier while the certificates of an earlier CA count: its certificate for this CA's
     *     key, then its own; otherwise empty
     */
    public record Issuer(
            StatementSigner signer, X509Certificate certificate, List<X509Certificate> earlier) {
        public Issuer {
            earlier = List.copyOf(earlier);
        }

        /** The CAs whose certificates count. */
        public List<X509Certificate> trusted() {
            return earlier.isEmpty()
                    ? List.of(certificate)
                    : List.of(certificate, earlier.getLast());
        }
    }

    /** With one key for ever. */
    public CertificateAuthority(
            StatementSigner signer,
            X509Certificate certificate,
            InstantSource clock,
            SecureRandom random) {
        var fixed = new Issuer(signer, certificate, List.of());
        this(() -> fixed, clock, random);
    }

    /**
     * With a key that may change.
     *
     * @param issuer asked for each certificate
     */
    public CertificateAuthority(Supplier<Issuer> issuer, InstantSource clock, SecureRandom random) {
        this.issuer = issuer;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Makes the CA's own certificate.
     *
     * @param version of the key; CAs of different keys have different names
     */
    public static X509Certificate selfSign(
            TokenSigner signer, int version, Instant now, SecureRandom random)
            throws SignatureException {
        var name = new X500Name("CN=strongroom CA" + (version == 1 ? "" : " " + version));
        return certify(signer, name, name, signer.spki(), now, random);
    }

    /**
     * An earlier CA's certificate for the key of a later one: who trusts the earlier one alone
     * believes what the later one issues.
     */
    public static X509Certificate crossSign(
            StatementSigner earlier,
            X509Certificate root,
            X509Certificate later,
            Instant now,
            SecureRandom random)
            throws SignatureException {
        return certify(
                earlier,
                nameOf(root),
                nameOf(later),
                later.getPublicKey().getEncoded(),
                now,
                random);
    }

    private static X500Name nameOf(X509Certificate certificate) {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private static X509Certificate certify(
            StatementSigner signer,
            X500Name issuer,
            X500Name subject,
            byte[] spki,
            Instant now,
            SecureRandom random)
            throws SignatureException {
        var builder =
                new X509v3CertificateBuilder(
                        issuer,
                        new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(now.plus(CA_VALIDITY)),
                        subject,
                        SubjectPublicKeyInfo.getInstance(spki));
        try {
            builder.addExtension(
                    Extension.basicConstraints, true, new BasicConstraints(ONE_SUCCESSOR));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        } catch (CertIOException e) {
            throw new IllegalStateException("a constant extension does not encode", e);
        }
        return build(builder, signer);
    }

    /** The CA's own certificate. */
    public X509Certificate certificate() {
        return issuer.get().certificate();
    }

    /** A certificate and what leads from it to every CA that counts. */
    public List<X509Certificate> chain(X509Certificate leaf) {
        Issuer now = issuer.get();
        var chain = new ArrayList<X509Certificate>();
        chain.add(leaf);
        chain.add(now.certificate());
        chain.addAll(now.earlier());
        return chain;
    }

    /** The CAs whose certificates count. */
    public List<X509Certificate> trusted() {
        return issuer.get().trusted();
    }

    /**
     * A client certificate for a principal.
     *
     * @param group becomes the subject's organisation: lower-case letters, digits and dashes
     */
    public X509Certificate issueClient(
            Principal principal, Optional<String> group, byte[] spki, Duration validity)
            throws RefusedException {
        var names =
                new GeneralNames(
                        new GeneralName(GeneralName.uniformResourceIdentifier, principal.uri()));
        return issue(
                "CN=" + principal.name() + group.map(name -> ",O=" + name).orElse(""),
                spki,
                clock.instant().plus(validity),
                names,
                KeyPurposeId.id_kp_clientAuth);
    }

    /**
     * A server certificate.
     *
     * @param hosts DNS names and IP addresses
     */
    public X509Certificate issueServer(
            String commonName, byte[] spki, Instant notAfter, List<String> hosts)
            throws RefusedException {
        GeneralName[] names =
                hosts.stream().map(CertificateAuthority::hostName).toArray(GeneralName[]::new);
        return issue(
                "CN=" + commonName,
                spki,
                notAfter,
                new GeneralNames(names),
                KeyPurposeId.id_kp_serverAuth);
    }

    private X509Certificate issue(
            String subject, byte[] spki, Instant notAfter, GeneralNames names, KeyPurposeId purpose)
            throws RefusedException {
        Issuer now = issuer.get();
        var builder =
                new X509v3CertificateBuilder(
                        nameOf(now.certificate()),
                        new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
                        Date.from(clock.instant().minus(BACKDATED)),
                        Date.from(notAfter),
                        new X500Name(subject),
                        SubjectPublicKeyInfo.getInstance(spki));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            builder.addExtension(Extension.subjectAlternativeName, false, names);
            return build(builder, now.signer());
        } catch (CertIOException e) {
            throw new IllegalStateException("a checked name does not encode", e);
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign the certificate; check it with: strongroom doctor",
                    e);
        }
    }

    private static GeneralName hostName(String host) {
        boolean isAddress = host.matches("[0-9.]+") || host.indexOf(':') >= 0;
        return new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    private static X509Certificate build(X509v3CertificateBuilder builder, StatementSigner signer)
            throws SignatureException {
        var content = new TokenContentSigner(signer);
        byte[] encoded;
        try {
            encoded = builder.build(content).getEncoded();
        } catch (TokenContentSigner.Failed e) {
            throw new SignatureException("the token did not sign", e);
        } catch (IOException e) {
            throw new IllegalStateException("a certificate does not encode", e);
        }
        return parse(encoded);
    }

    /** Reads a certificate that this vault stored or made. */
    public static X509Certificate parse(byte[] encoded) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(encoded));
        } catch (CertificateException e) {
            throw new IllegalStateException("not a certificate of this vault", e);
        }
    }

    /** Collects what is to be signed and has the token sign it. */
    private static final class TokenContentSigner implements ContentSigner {
        private static final ASN1ObjectIdentifier ECDSA_SHA256 =
                X9ObjectIdentifiers.ecdsa_with_SHA256;

        private final StatementSigner signer;
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();

        /** Carries the token's refusal through an interface that throws nothing. */
        static final class Failed extends RuntimeException {
            private static final long serialVersionUID = 1L;

            Failed(SignatureException cause) {
                super(cause);
            }
        }

        TokenContentSigner(StatementSigner signer) {
            this.signer = signer;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new AlgorithmIdentifier(ECDSA_SHA256);
        }

        @Override
        public OutputStream getOutputStream() {
            return message;
        }

        @Override
        public byte[] getSignature() {
            try {
                return signer.sign(message.toByteArray());
            } catch (SignatureException e) {
                throw new Failed(e);
            }
        }
    }
}
