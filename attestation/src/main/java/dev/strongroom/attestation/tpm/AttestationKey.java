package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A key that a verifier believes to sign for a TPM.
 *
 * @param area its public area, where the trust is in all of it and not in the key alone
 * @param reason {@code certificate}, {@code enrolled} or {@code vouched}
 * @param root SHA-256 of the root certificate, with a certificate
 */
record AttestationKey(
        PublicKey key, Optional<TpmPublic> area, String reason, Optional<Digest> root) {
    private static final int MIN_RSA_BITS = 2048;

    /** The key that the trust is in; whatever area comes along must be that of this key. */
    static AttestationKey of(
            Optional<TpmPublic> area, AkTrust trust, List<byte[]> certificates, Instant now)
            throws TpmRefusal {
        requireAttestationKey(area);
        AttestationKey key =
                switch (trust) {
                    case AkTrust.Vouched vouched -> vouched(vouched);
                    case AkTrust.Enrolled enrolled -> enrolled(enrolled, area);
                    case AkTrust.Certified certified -> certified(certified, certificates, now);
                };
        if (area.isPresent() && !sameKey(area.get().key(), key.key())) {
            throw new TpmRefusal("tpm.ak.other", "the public area is another key's");
        }
        key.requireStrength();
        return key;
    }

    /** Which algorithms the key can sign with. */
    List<Algorithm> algorithms() {
        return key instanceof RSAPublicKey
                ? List.of(Algorithm.RSASSA, Algorithm.RSAPSS)
                : List.of(Algorithm.ECDSA);
    }

    private static void requireAttestationKey(Optional<TpmPublic> area) throws TpmRefusal {
        if (area.isPresent() && !area.get().attributes().isAttestationKey()) {
            throw new TpmRefusal(
                    "tpm.ak.attributes",
                    "expected a key that its TPM made, never lets out, and that signs only what"
                            + " the TPM made: fixedTPM, fixedParent, sensitiveDataOrigin,"
                            + " restricted, sign, not decrypt");
        }
    }

    private static AttestationKey vouched(AkTrust.Vouched trust) throws TpmRefusal {
        requireAttestationKey(trust.area());
        return new AttestationKey(trust.key(), trust.area(), "vouched", Optional.empty());
    }

    private static AttestationKey enrolled(AkTrust.Enrolled trust, Optional<TpmPublic> area)
            throws TpmRefusal {
        if (area.isEmpty()) {
            throw new TpmRefusal("tpm.ak.missing", "expected the attestation key's public area");
        }
        if (!trust.names().contains(HexFormat.of().formatHex(area.get().name()))) {
            throw new TpmRefusal(
                    "tpm.ak.unknown", "the attestation key was not enrolled; activate it first");
        }
        return new AttestationKey(area.get().key(), area, "enrolled", Optional.empty());
    }

    private static AttestationKey certified(
            AkTrust.Certified trust, List<byte[]> certificates, Instant now) throws TpmRefusal {
        AkChain chain = AkChain.verify(trust, certificates, now);
        return new AttestationKey(
                chain.key(), Optional.empty(), "certificate", Optional.of(chain.root()));
    }

    /** By their numbers: providers differ in how they encode a curve. */
    private static boolean sameKey(PublicKey one, PublicKey other) {
        if (one instanceof RSAPublicKey a && other instanceof RSAPublicKey b) {
            return a.getModulus().equals(b.getModulus())
                    && a.getPublicExponent().equals(b.getPublicExponent());
        }
        return one instanceof ECPublicKey a
                && other instanceof ECPublicKey b
                && TpmCurve.of(a).equals(TpmCurve.of(b))
                && a.getW().equals(b.getW());
    }

    private void requireStrength() throws TpmRefusal {
        boolean strong =
                key instanceof RSAPublicKey rsa
                        ? rsa.getModulus().bitLength() >= MIN_RSA_BITS
                        : key instanceof ECPublicKey ec && TpmCurve.of(ec).isPresent();
        if (!strong) {
            throw new TpmRefusal(
                    "tpm.ak.key", "expected RSA of at least 2048 bits, P-256, P-384 or P-521");
        }
    }
}
