package dev.strongroom.attestation;

/**
 * The keys of a node that asks for a release: both are bound into the evidence.
 *
 * @param kemSpki ephemeral RSA-3072 key that the data key is wrapped to
 * @param tlsSpki P-256 key of the node's TLS endpoint
 */
public record EnclaveKey(byte[] kemSpki, byte[] tlsSpki) {}
