package dev.strongroom.vault.access;

import dev.strongroom.attestation.Digest;

/**
 * Who calls what, and from where.
 *
 * @param key SHA-256 of the certified SubjectPublicKeyInfo
 * @param source address of the peer without a port; empty where the transport has none
 * @param method full name, such as {@code strongroom.v1.Keys/RotateKek}
 */
public record Visitor(Principal principal, Digest key, String source, String method) {}
