package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;

/** What an owner's client makes: data keys, what they belong to, and import ciphertexts. */
public final class OwnerSide {
    public static final SecureRandom RANDOM = new SecureRandom();
    public static final TenantName ACME = new TenantName("acme");
    public static final Digest OWNER = Digest.sha256(new byte[] {1});

    private OwnerSide() {}

    public static byte[] newDataKey() {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        return key;
    }

    /** A version of the tenant's that nobody has seen before. */
    public static WrapBinding newBinding(TenantName tenant) {
        return new WrapBinding(
                new ModelName(tenant, "minilm"),
                VersionId.random(RANDOM),
                OWNER,
                Digest.sha256(newDataKey()));
    }

    /** The data key under the tenant's import key. */
    public static byte[] importCiphertext(KeyCustodian custodian, TenantName tenant, byte[] dataKey)
            throws Exception {
        return oaep(custodian.info().oaepHash(), custodian.importKeySpki(tenant, 1), dataKey);
    }

    public static byte[] oaep(OaepHash hash, byte[] spki, byte[] plaintext)
            throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        var key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
        oaep.init(Cipher.ENCRYPT_MODE, key, hash.parameters());
        return oaep.doFinal(plaintext);
    }
}
