package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.Digest;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.util.List;
import java.util.Set;

/**
 * Why a verifier believes that an attestation key is inside a TPM. A TPM has no root that all
 * share, so somebody must say.
 */
public sealed interface AkTrust {
    /**
     * A certificate authority says so: the key's certificate for attestation comes along and its
     * chain ends in one of these roots.
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
     * It was shown before by credential activation.
     *
     * @param names TPM names of activated keys, lower-case hex
     */
    record Enrolled(Set<String> names) implements AkTrust {
        public Enrolled {
            names = Set.copyOf(names);
        }
    }

    /**
     * Other evidence says so, or an operator who gives the key. Whoever vouches for a key vouches
     * for its attributes, too, unless the public area comes along.
     */
    record Vouched(PublicKey key) implements AkTrust {}
}
