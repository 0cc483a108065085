/**
 * What AWS Nitro and NVIDIA devices have in common: every key is on P-384 and every signature is
 * ECDSA with SHA-384. A certificate does not get to choose. Not exported.
 */
@NullMarked
package dev.strongroom.attestation.p384;

import org.jspecify.annotations.NullMarked;
