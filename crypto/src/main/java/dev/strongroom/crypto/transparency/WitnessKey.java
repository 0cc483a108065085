package dev.strongroom.crypto.transparency;

import dev.strongroom.crypto.format.SealedFormatException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The key that a witness cosigns checkpoints with: Ed25519, C2SP tlog-cosignature {@code
 * cosignature/v1}, signature type {@code 0x04}.
 *
 * <p>Immutable and thread-safe.
 */
public final class WitnessKey {
    private static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final int KEY_BYTES = 32;

    private final VerifierKey key;
    private final PublicKey ed25519;

    private WitnessKey(VerifierKey key) throws SealedFormatException {
        if (key.type() != VerifierKey.COSIGNATURE || key.material().length != KEY_BYTES) {
            throw new SealedFormatException(
                    "witness key: expected an Ed25519 key of type 4 (cosignature/v1)");
        }
        this.key = key;
        this.ed25519 = publicKey(key.material());
    }

    /**
     * Reads a key as {@code witness init} prints it.
     *
     * @param text C2SP verifier key of type 4
     */
    public static WitnessKey parse(String text) throws SealedFormatException {
        return new WitnessKey(VerifierKey.parse(text));
    }

    /**
     * The key of a witness.
     *
     * @param name no white space, no plus; ideally a URL without its scheme
     * @param key Ed25519
     * @throws IllegalArgumentException for another name or key
     */
    public static WitnessKey of(String name, PublicKey key) {
        byte[] spki = key.getEncoded();
        if (spki.length != SPKI_PREFIX.length + KEY_BYTES
                || !Arrays.equals(
                        spki, 0, SPKI_PREFIX.length, SPKI_PREFIX, 0, SPKI_PREFIX.length)) {
            throw new IllegalArgumentException("witness key: expected an Ed25519 key");
        }
        byte[] point = Arrays.copyOfRange(spki, SPKI_PREFIX.length, spki.length);
        try {
            return new WitnessKey(new VerifierKey(name, VerifierKey.COSIGNATURE, point));
        } catch (SealedFormatException e) {
            throw new IllegalArgumentException("witness key: expected an Ed25519 key", e);
        }
    }

    /** As in signature lines. */
    public String name() {
        return key.name();
    }

    /** The one text that {@link #parse} reads back. */
    public String text() {
        return key.text();
    }

    /** True for the line of this key; whether its signature holds is another question. */
    boolean isNamedBy(NoteSignature line) {
        return line.name().equals(key.name()) && Arrays.equals(line.keyId(), key.keyId());
    }

    /** When this key cosigned the checkpoint. */
    Cosignature verify(Checkpoint checkpoint, NoteSignature line) throws SealedFormatException {
        Cosignature cosignature = Cosignature.decode(line.signature());
        if (!isNamedBy(line) || !verifies(cosignature.message(checkpoint), cosignature)) {
            throw new SealedFormatException(
                    "checkpoint: cosignature of " + key.name() + " is not valid");
        }
        return cosignature;
    }

    NoteSignature line(Cosignature cosignature) {
        return new NoteSignature(key.name(), key.keyId(), cosignature.encode());
    }

    private boolean verifies(byte[] message, Cosignature cosignature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(ed25519);
            verifier.update(message);
            return verifier.verify(cosignature.signature());
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    private static PublicKey publicKey(byte[] point) throws SealedFormatException {
        byte[] spki = Arrays.copyOf(SPKI_PREFIX, SPKI_PREFIX.length + KEY_BYTES);
        System.arraycopy(point, 0, spki, SPKI_PREFIX.length, KEY_BYTES);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki));
        } catch (GeneralSecurityException e) {
            throw new SealedFormatException("witness key: not a point of the curve", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WitnessKey that && that.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
