package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.keys.SegmentNonce;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;

/**
 * AES-256-GCM from native to native memory with one key, for one thread.
 *
 * <p>The caller closes it on the thread that used it: closing runs the cipher with a zero key, so
 * that what the native side left on that thread's free lists is overwritten.
 */
final class GcmOpener implements AutoCloseable {
    private static final int SCRUB_ROUNDS = 4;

    private final Cipher gcm = NativeProvider.cipher("AES/GCM/NoPadding");
    private final LiveKey key;

    /**
     * @param key stays the caller's
     */
    GcmOpener(LiveKey key) {
        this.key = key;
    }

    /**
     * Opens ciphertext and tag.
     *
     * @param plaintext exactly as long as the ciphertext without its tag
     * @throws AEADBadTagException when key, nonce, associated data or bytes are not those sealed;
     *     {@code plaintext} is then undefined
     */
    void open(byte[] nonce, byte[] associatedData, MemorySegment sealed, MemorySegment plaintext)
            throws AEADBadTagException {
        run(Cipher.DECRYPT_MODE, key, nonce, associatedData, sealed, plaintext);
    }

    @Override
    public void close() {
        try (var zero = new LiveKey(new byte[Derivation.KEY_BYTES]);
                Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(Derivation.KEY_BYTES);
            MemorySegment out = arena.allocate(Derivation.KEY_BYTES + SegmentGeometry.TAG_BYTES);
            for (int round = 0; round < SCRUB_ROUNDS; round++) {
                byte[] nonce = new byte[SegmentNonce.BYTES];
                nonce[0] = (byte) round; // Conscrypt refuses to seal twice under one nonce
                run(Cipher.ENCRYPT_MODE, zero, nonce, new byte[0], in, out);
            }
        } catch (AEADBadTagException e) {
            throw new IllegalStateException("encryption has no tag to check", e);
        }
    }

    private void run(
            int mode,
            LiveKey withKey,
            byte[] nonce,
            byte[] associatedData,
            MemorySegment in,
            MemorySegment out)
            throws AEADBadTagException {
        try {
            gcm.init(mode, withKey, new GCMParameterSpec(SegmentGeometry.TAG_BYTES * 8, nonce));
            if (associatedData.length > 0) {
                gcm.updateAAD(associatedData);
            }
            gcm.doFinal(in.asByteBuffer(), out.asByteBuffer());
        } catch (AEADBadTagException e) {
            throw e;
        } catch (InvalidKeyException
                | InvalidAlgorithmParameterException
                | ShortBufferException
                | IllegalBlockSizeException
                | BadPaddingException e) {
            throw new IllegalStateException("AES-GCM with valid sizes", e);
        }
    }
}
