package dev.strongroom.attestation.p384;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A key with a certificate, made anew for every run: what AWS and NVIDIA have in hardware. */
public record SoftwareAuthority(String name, KeyPair keys, byte[] certificate) {
    private static final Duration LIFE = Duration.ofHours(3);

    /** What a certificate says; the tests change one thing at a time. */
    public record Profile(
            Instant notBefore,
            Duration life,
            String algorithm,
            String curve,
            int keyUsage,
            int pathLength,
            List<PrivateExtension> extensions) {
        public static final int NO_AUTHORITY = -1;
        public static final int UNBOUNDED = Integer.MAX_VALUE;

        public static Profile authority(Instant now, int pathLength) {
            return new Profile(
                    now.minusSeconds(60),
                    LIFE,
                    "SHA384withECDSA",
                    "secp384r1",
                    KeyUsage.keyCertSign,
                    pathLength,
                    List.of());
        }

        public static Profile leaf(Instant now) {
            return authority(now, NO_AUTHORITY).using(KeyUsage.digitalSignature);
        }

        public Profile using(int usage) {
            return new Profile(notBefore, life, algorithm, curve, usage, pathLength, extensions);
        }

        public Profile valid(Instant from, Duration howLong) {
            return new Profile(from, howLong, algorithm, curve, keyUsage, pathLength, extensions);
        }

        public Profile signedWith(String other) {
            return new Profile(notBefore, life, other, curve, keyUsage, pathLength, extensions);
        }

        public Profile on(String other) {
            return new Profile(notBefore, life, algorithm, other, keyUsage, pathLength, extensions);
        }

        public Profile with(String oid, boolean critical, byte[] value) {
            return new Profile(
                    notBefore,
                    life,
                    algorithm,
                    curve,
                    keyUsage,
                    pathLength,
                    List.of(new PrivateExtension(oid, critical, value)));
        }
    }

    /** An extension by its object identifier. */
    public record PrivateExtension(String oid, boolean critical, byte[] value) {}

    public static SoftwareAuthority root(String name, Profile profile) {
        KeyPair keys = newKeys(profile.curve());
        return new SoftwareAuthority(
                name, keys, certify(name, keys.getPrivate(), name, keys, profile));
    }

    public SoftwareAuthority issue(String subject, Profile profile) {
        KeyPair subjectKeys = newKeys(profile.curve());
        return new SoftwareAuthority(
                subject,
                subjectKeys,
                certify(name, keys.getPrivate(), subject, subjectKeys, profile));
    }

    public Digest fingerprint() {
        return Digest.sha256(certificate);
    }

    /** r ‖ s over P-384 with SHA-384. */
    public byte[] sign(byte[] message) {
        try {
            var ecdsa = Signature.getInstance("SHA384withECDSAinP1363Format");
            ecdsa.initSign(keys.getPrivate());
            ecdsa.update(message);
            return ecdsa.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys(String curve) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] certify(
            String issuer, PrivateKey issuerKey, String subject, KeyPair keys, Profile profile) {
        var builder =
                new JcaX509v3CertificateBuilder(
                        new X500Name("CN=" + issuer),
                        BigInteger.valueOf(profile.hashCode()).abs().add(BigInteger.ONE),
                        Date.from(profile.notBefore()),
                        Date.from(profile.notBefore().plus(profile.life())),
                        new X500Name("CN=" + subject),
                        keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, constraints(profile));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(profile.keyUsage()));
            for (PrivateExtension extension : profile.extensions()) {
                builder.addExtension(
                        new ASN1ObjectIdentifier(extension.oid()),
                        extension.critical(),
                        extension.value());
            }
            return builder.build(new JcaContentSignerBuilder(profile.algorithm()).build(issuerKey))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BasicConstraints constraints(Profile profile) {
        return switch (profile.pathLength()) {
            case Profile.NO_AUTHORITY -> new BasicConstraints(false);
            case Profile.UNBOUNDED -> new BasicConstraints(true);
            default -> new BasicConstraints(profile.pathLength());
        };
    }
}
