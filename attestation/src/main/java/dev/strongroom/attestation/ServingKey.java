package dev.strongroom.attestation;

/**
 * The TLS key of a serving node, bound into evidence that a client asked for.
 *
 * @param tlsSpki the SubjectPublicKeyInfo that the TLS peer must present
 */
public record ServingKey(byte[] tlsSpki) {}
