package dev.strongroom.attestation;

/**
 * The key that a node signs a renewed seal with; it lives for that one seal.
 *
 * @param spki P-256
 */
public record SealingKey(byte[] spki) {}
