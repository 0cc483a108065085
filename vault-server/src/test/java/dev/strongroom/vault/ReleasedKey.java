package dev.strongroom.vault;

import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the vault released to a node, opened with the node's key.
 *
 * @param t the wrapping key, if all is well
 */
record ReleasedKey(byte[] t) {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    /** Has the vault release the key of a version. */
    static ReleasedKey to(TestNode node, Sealed version, Policies policies)
            throws GeneralSecurityException, SealedFormatException {
        byte[] wrapped = node.ask(node.request(version, policies)).getWrappedKey().toByteArray();
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(
                Cipher.DECRYPT_MODE,
                node.kem().getPrivate(),
                verified(version, node.owner).content().suite().oaepHash().parameters());
        return new ReleasedKey(oaep.doFinal(wrapped));
    }

    /** Whether the vault releases the very key that the owner sealed the version under. */
    static boolean isTheOwners(TestNode node, Sealed version, Policies policies)
            throws GeneralSecurityException, SealedFormatException {
        return to(node, version, policies).opens(version, node.owner);
    }

    /** Whether it opens the envelope of this seal, which no other key does. */
    boolean opens(Sealed version, TestOwner owner)
            throws GeneralSecurityException, SealedFormatException {
        VerifiedManifest manifest = verified(version, owner);
        byte[] envelope = manifest.seal().ikmEnvelope();
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(t, "AES"),
                new GCMParameterSpec(TAG_BITS, envelope, 0, NONCE_BYTES));
        gcm.updateAAD(manifest.identity().version());
        try {
            gcm.doFinal(envelope, NONCE_BYTES, envelope.length - NONCE_BYTES);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        }
    }

    private static VerifiedManifest verified(Sealed version, TestOwner owner)
            throws SealedFormatException {
        return version.manifest()
                .verify(
                        owner.ownerId(),
                        new EvidenceVerifier(owner.vault.anchors(), owner.vault.clock));
    }
}
