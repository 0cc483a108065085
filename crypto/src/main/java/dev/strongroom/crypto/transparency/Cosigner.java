package dev.strongroom.crypto.transparency;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;

/**
 * Cosigns checkpoints. Whoever calls has checked that the checkpoint continues all that this key
 * cosigned for its origin, and has remembered it durably: a cosignature cannot be taken back.
 *
 * <p>Thread-safe.
 */
public final class Cosigner {
    private final WitnessKey key;
    private final PrivateKey secret;

    /**
     * @param name as in signature lines
     * @param keys Ed25519
     */
    public Cosigner(String name, KeyPair keys) {
        this.key = WitnessKey.of(name, keys.getPublic());
        this.secret = keys.getPrivate();
    }

    /** What verifies the cosignatures. */
    public WitnessKey key() {
        return key;
    }

    /** One signature line for the checkpoint. */
    public NoteSignature cosign(Checkpoint checkpoint, Instant now) {
        long time = now.getEpochSecond();
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(secret);
            signer.update(Cosignature.message(checkpoint, time));
            return key.line(new Cosignature(time, signer.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with Ed25519", e);
        }
    }

    @Override
    public String toString() {
        return "Cosigner[" + key + "]";
    }
}
