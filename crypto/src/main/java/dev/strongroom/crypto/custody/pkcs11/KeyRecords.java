package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.rules.RecipientKey;
import dev.strongroom.crypto.custody.rules.RecordRules;
import dev.strongroom.crypto.format.TenantName;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The records of data keys: written of what a client wrapped, authenticated, moved to another
 * key-encryption key, released to an enclave. {@link KeyCustodian} has what each does.
 *
 * <p>Thread-safe.
 */
final class KeyRecords {
    private final ModuleProfile profile;
    private final KeyOrigin origin;
    private final TokenWork work;
    private final TokenKeys keys;
    private final DataKeys dataKeys;
    private final TokenMac mac;

    KeyRecords(
            Cryptoki cryptoki,
            ModuleProfile profile,
            KeyOrigin origin,
            TokenWork work,
            TokenKeys keys,
            TokenMac mac) {
        this.profile = profile;
        this.origin = origin;
        this.work = work;
        this.keys = keys;
        this.mac = mac;
        this.dataKeys = new DataKeys(cryptoki, profile, new KeyTemplates(origin));
    }

    WrappedKey.AtRest importWrapped(
            byte[] importCiphertext, WrapBinding binding, int importVersion, int kekVersion)
            throws CustodyException {
        TenantName tenant = binding.model().tenant();
        KekInfo kek =
                work.inToken(
                        "find the keys of an import",
                        session -> {
                            keys.importKey(session, tenant, importVersion);
                            return keys.activeKek(session, tenant, kekVersion).info();
                        });
        byte[] wrapped = imported(importCiphertext, tenant, importVersion, kekVersion);
        return WrappedKey.AtRest.write(wrapping(binding, kek, wrapped), mac);
    }

    private byte[] imported(byte[] ciphertext, TenantName tenant, int importVersion, int kekVersion)
            throws CustodyException {
        try {
            return work.inToken(
                    "import a data key",
                    session ->
                            dataKeys.fromImport(
                                    session,
                                    keys.importKey(session, tenant, importVersion),
                                    ciphertext,
                                    keys.activeKek(session, tenant, kekVersion).handle()));
        } catch (CustodyException e) {
            // The module's answer does not tell a bad ciphertext from a lost key, so look.
            work.inToken(
                    "find the import key again",
                    session -> keys.importKey(session, tenant, importVersion));
            work.inToken(
                    "find the key-encryption key again",
                    session -> keys.kek(session, tenant, kekVersion));
            throw e;
        }
    }

    List<Optional<WrappedKey.AtRest>> authenticateAll(List<byte[]> records)
            throws CustodyException {
        return RecordRules.onlyOwn(
                WrappedKey.AtRest.readAll(records, mac), profile.keyWrapFormat());
    }

    List<WrappedKey.AtRest> gather(List<WrappedKey.AtRest> keys) throws CustodyException {
        return WrappedKey.AtRest.gather(keys, mac);
    }

    List<WrappedKey.AtRest> rewrapAll(List<WrappedKey.AtRest> keys, int toKekVersion)
            throws CustodyException {
        RecordRules.requireSameKek(keys);
        List<WrappedKey.AtRest.Wrapping> rewrapped =
                work.inToken(
                        "re-wrap data keys", session -> rewrapped(session, keys, toKekVersion));
        return WrappedKey.AtRest.writeAll(rewrapped, mac);
    }

    private List<WrappedKey.AtRest.Wrapping> rewrapped(
            long session, List<WrappedKey.AtRest> all, int toKekVersion)
            throws Pkcs11Exception, CustodyException {
        WrappedKey.AtRest first = all.getFirst();
        long from = keys.kek(session, first.tenant(), first.kekVersion()).handle();
        TokenKeys.Kek to = keys.activeKek(session, first.tenant(), toKekVersion);
        List<WrappedKey.AtRest.Wrapping> rewrapped = new ArrayList<>();
        for (WrappedKey.AtRest key : all) {
            byte[] bytes = dataKeys.fromKek(session, from, key.wrapped(), to.handle());
            rewrapped.add(wrapping(key.binding(), to.info(), bytes));
        }
        return rewrapped;
    }

    private WrappedKey.AtRest.Wrapping wrapping(WrapBinding binding, KekInfo kek, byte[] bytes) {
        return new WrappedKey.AtRest.Wrapping(binding, kek, profile.keyWrapFormat(), bytes);
    }

    void requireRecipient(byte[] kemSpki) throws CustodyException {
        if (origin == KeyOrigin.CEREMONY) {
            RSAPublicKey recipient = RecipientKey.of(kemSpki);
            work.inToken(
                    "find a registered recipient",
                    session -> keys.registeredRecipient(session, kemSpki, recipient));
        }
    }

    WrappedKey.ForEnclave releaseTo(WrappedKey.AtRest key, Attested<EnclaveKey> enclave)
            throws CustodyException {
        RecordRules.requireBound(key, enclave.transcript());
        byte[] kemSpki = enclave.value().kemSpki();
        RSAPublicKey recipient = RecipientKey.of(kemSpki);
        byte[] wrapped =
                work.inToken(
                        "release a data key",
                        session -> released(session, key, kemSpki, recipient));
        return new WrappedKey.ForEnclave(wrapped, profile.oaepFormat(), Digest.sha256(kemSpki));
    }

    private byte[] released(
            long session, WrappedKey.AtRest key, byte[] kemSpki, RSAPublicKey recipient)
            throws Pkcs11Exception, CustodyException {
        long kek = keys.kek(session, key.tenant(), key.kekVersion()).handle();
        return switch (origin) {
            case VAULT -> dataKeys.toRecipient(session, kek, key.wrapped(), recipient);
            case CEREMONY ->
                    dataKeys.toRegistered(
                            session,
                            kek,
                            key.wrapped(),
                            keys.registeredRecipient(session, kemSpki, recipient));
        };
    }
}
