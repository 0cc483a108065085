package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Verifies the signature over a quote. */
final class QuoteSignature {
    private static final List<HashAlgorithm> HASHES =
            List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA384, HashAlgorithm.SHA512);

    private QuoteSignature() {}

    /**
     * Verifies, and tells the scheme: its hash is that of the quote's register digest, too.
     *
     * <p>A plain signature names none. Then the key's own counts, or else those that the key can
     * sign with and whose hash has the length of the register digest.
     */
    static SignatureScheme verify(TpmQuote quote, TpmSignature signature, AttestationKey key)
            throws TpmRefusal {
        for (SignatureScheme scheme : schemes(quote, signature, key)) {
            if (verifies(key.key(), scheme, signature, quote.signedBytes())) {
                return scheme;
            }
        }
        throw new TpmRefusal("tpm.signature", "the attestation key did not sign this quote");
    }

    private static List<SignatureScheme> schemes(
            TpmQuote quote, TpmSignature signature, AttestationKey key) throws TpmRefusal {
        Optional<SignatureScheme> own = key.area().flatMap(TpmPublic::scheme);
        Optional<SignatureScheme> named = signature.scheme();
        if (own.isPresent() && named.isPresent() && !own.equals(named)) {
            throw new TpmRefusal("tpm.ak.scheme", "the key signs by another scheme");
        }
        Stream<SignatureScheme> fitting =
                named.or(() -> own)
                        .map(Stream::of)
                        .orElseGet(() ->
                                key.algorithms().stream()
                                        .flatMap(algorithm -> byLength(algorithm, quote)));
        List<SignatureScheme> schemes =
                fitting.filter(scheme -> HASHES.contains(scheme.hash()))
                        .filter(scheme -> key.algorithms().contains(scheme.algorithm()))
                        .toList();
        if (schemes.isEmpty()) {
            throw new TpmRefusal(
                    "tpm.ak.scheme",
                    "expected RSASSA, RSAPSS or ECDSA, as the key's type is, with SHA-256, SHA-384"
                            + " or SHA-512");
        }
        return schemes;
    }

    private static Stream<SignatureScheme> byLength(Algorithm algorithm, TpmQuote quote) {
        return HASHES.stream()
                .filter(hash -> hash.bytes() == quote.pcrDigest().length)
                .map(hash -> new SignatureScheme(algorithm, hash));
    }

    private static boolean verifies(
            PublicKey key, SignatureScheme scheme, TpmSignature signature, byte[] message) {
        String hash = scheme.hash().jcaName().replace("-", "");
        return switch (signature) {
            case TpmSignature.Ec(_, var r, var s) ->
                    scheme.algorithm() == Algorithm.ECDSA
                            && verifies(key, hash + "withECDSA", message, EcdsaDer.write(r, s));
            case TpmSignature.Rsa(_, byte[] value) ->
                    switch (scheme.algorithm()) {
                        case RSASSA -> verifies(key, hash + "withRSA", message, value);
                        case RSAPSS -> verifiesPss(key, scheme.hash(), message, value);
                        case ECDSA -> false;
                    };
        };
    }

    private static boolean verifies(
            PublicKey key, String algorithm, byte[] message, byte[] signature) {
        try {
            var verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a number out of range, or a length that is not the key's
        }
    }

    /** Newer TPMs salt with as many bytes as the hash has, older ones with as many as fit. */
    private static boolean verifiesPss(
            PublicKey key, HashAlgorithm hash, byte[] message, byte[] signature) {
        int encodedBytes = (((RSAPublicKey) key).getModulus().bitLength() + 6) / Byte.SIZE;
        return verifiesPss(key, hash, hash.bytes(), message, signature)
                || verifiesPss(key, hash, encodedBytes - hash.bytes() - 2, message, signature);
    }

    private static boolean verifiesPss(
            PublicKey key, HashAlgorithm hash, int saltBytes, byte[] message, byte[] signature) {
        try {
            var verifier = Signature.getInstance("RSASSA-PSS");
            verifier.setParameter(
                    new PSSParameterSpec(
                            hash.jcaName(),
                            "MGF1",
                            new MGF1ParameterSpec(hash.jcaName()),
                            saltBytes,
                            PSSParameterSpec.TRAILER_FIELD_BC));
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // as above
        }
    }
}
