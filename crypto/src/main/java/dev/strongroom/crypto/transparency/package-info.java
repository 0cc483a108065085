/**
 * The audit log as a Merkle tree (RFC 6962) under signed checkpoints (C2SP tlog-checkpoint), so
 * that standard tools and witnesses can check it.
 */
@NullMarked
package dev.strongroom.crypto.transparency;

import org.jspecify.annotations.NullMarked;
