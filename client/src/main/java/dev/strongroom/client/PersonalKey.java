package dev.strongroom.client;

import dev.strongroom.crypto.format.StatementSigner;

/** A key that stands for one person, kept on that person's machine. Thread-safe. */
public interface PersonalKey extends StatementSigner {
    /** SubjectPublicKeyInfo; its SHA-256 is {@link #keyId}. */
    byte[] spki();
}
