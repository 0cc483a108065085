package dev.strongroom.crypto.transparency;

/**
 * One signature line of a note.
 *
 * @param name whose; no Unicode space, no plus
 * @param keyId four bytes that tell keys of one name apart; no proof of anything
 */
public record NoteSignature(String name, byte[] keyId, byte[] signature) {}
