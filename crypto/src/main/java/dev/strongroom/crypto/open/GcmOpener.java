package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.crypto.keys.LiveKey;
import dev.strongroom.crypto.keys.NativeProvider;
import java.lang.foreign.MemorySegment;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;

/** AES-256-GCM from native to native memory with one key, for one thread. */
final class GcmOpener {
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
        try {
            gcm.init(
                    Cipher.DECRYPT_MODE,
                    key,
                    new GCMParameterSpec(SegmentGeometry.TAG_BYTES * 8, nonce));
            if (associatedData.length > 0) {
                gcm.updateAAD(associatedData);
            }
            gcm.doFinal(sealed.asByteBuffer(), plaintext.asByteBuffer());
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
