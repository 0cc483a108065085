package dev.strongroom.attestation;

/**
 * The keys of a node that asks the owner's agent for the second part of a split content key: both
 * are bound into the evidence.
 *
 * @param kemSpki ephemeral RSA-3072 key that the part is sealed to; another one than for the vault
 * @param tlsSpki P-256 key of the node's TLS endpoint
 */
public record PartKey(byte[] kemSpki, byte[] tlsSpki) {}
