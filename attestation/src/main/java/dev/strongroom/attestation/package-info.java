/**
 * Evidence, challenge, verdict: the words of RFC 9334 as types.
 *
 * <p>Start at {@link dev.strongroom.attestation.EvidenceVerifier}.
 */
@NullMarked
package dev.strongroom.attestation;

import org.jspecify.annotations.NullMarked;
