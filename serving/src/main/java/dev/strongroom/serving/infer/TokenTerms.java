package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.generate.Alternatives;
import java.util.Optional;

/**
 * What a caller may see of a generated token beside the token.
 *
 * @param alternatives tokens with the logarithms of their probabilities, at most; 0: none
 * @param digits of the logarithms, at most
 * @param policy digest of the owner's document that says so
 * @param ticket by which the caller may appeal, when he gets less than others
 */
public record TokenTerms(
        int alternatives, int digits, Optional<Digest> policy, Optional<String> ticket) {
    /** As much as is ever shown. */
    static final TokenTerms MOST =
            new TokenTerms(
                    Alternatives.MOST,
                    Alternatives.MOST_DIGITS,
                    Optional.empty(),
                    Optional.empty());
}
