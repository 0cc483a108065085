package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Why a verifier believes that an attestation key is inside a TPM. A TPM has no root that all
 * share, so somebody must say.
 */
public sealed interface AkTrust {
    /**
     * A certificate authority says so, for the key's attributes, too: the key's certificate for
     * attestation comes along and its chain ends in one of these roots.
     *
     * @param roots SHA-256 of whole root certificates
     * @param revocationLists of every authority on the way; with none given revocation is not asked
     *     for, with any given an authority without a current one refuses
     */
    record Certified(Set<Digest> roots, List<X509CRL> revocationLists) implements AkTrust {
        public Certified {
            roots = Set.copyOf(roots);
            revocationLists = List.copyOf(revocationLists);
        }
    }

    /**
     * It was shown before by credential activation ({@link Credential}).
     *
     * @param names TPM names of activated keys, lower-case hex
     */
    record Enrolled(Set<String> names) implements AkTrust {
        public Enrolled {
            names = Set.copyOf(names);
        }
    }

    /**
     * Other evidence says so, or an operator who gives the key. Who gives the whole public area has
     * it held to be an attestation key's; who gives the key alone vouches for its attributes, too,
     * since nothing binds a public area that comes along to more than the key.
     */
    record Vouched(PublicKey key, Optional<TpmPublic> area) implements AkTrust {
        public Vouched(PublicKey key) {
            this(key, Optional.empty());
        }

        /**
         * A key as an operator has it: TPMT_PUBLIC, TPM2B_PUBLIC or SubjectPublicKeyInfo (DER).
         *
         * @throws TpmFormatException if it is none of them
         */
        public static Vouched of(byte[] key) throws TpmFormatException {
            Optional<PublicKey> alone = subjectPublicKey(key);
            if (alone.isPresent()) {
                return new Vouched(alone.get());
            }
            TpmPublic area = TpmPublic.parse(key);
            return new Vouched(area.key(), Optional.of(area));
        }

        private static Optional<PublicKey> subjectPublicKey(byte[] der) {
            return Stream.of("RSA", "EC")
                    .flatMap(algorithm -> subjectPublicKey(algorithm, der).stream())
                    .findFirst();
        }

        private static Optional<PublicKey> subjectPublicKey(String algorithm, byte[] der) {
            try {
                var spec = new X509EncodedKeySpec(der);
                return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(spec));
            } catch (GeneralSecurityException e) {
                return Optional.empty(); // another algorithm, or another form
            }
        }
    }
}
