package dev.strongroom.client;

import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import java.time.Instant;

/** Where a tenant's wrapping keys go in, verified. Thread-safe. */
public final class VaultKeys {
    private final VaultConnection vault;

    public VaultKeys(VaultConnection vault) {
        this.vault = vault;
    }

    /**
     * The tenant's import certificate.
     *
     * @param identity the vault's, verified under the pin
     */
    public ImportCertificate importCertificate(
            TenantName tenant, VaultIdentity identity, Instant now) throws ClientException {
        byte[] envelope =
                vault.keys()
                        .getImportCertificate(
                                GetImportCertificateRequest.newBuilder()
                                        .setTenant(tenant.value())
                                        .build())
                        .getCertificate()
                        .toByteArray();
        ImportCertificate certificate =
                Checks.verified(
                        "the import certificate",
                        "compare the pin with the fingerprint that the vault's operator has",
                        () ->
                                ImportCertificate.verify(
                                        Dsse.decode(envelope),
                                        identity.ceremonySpki(),
                                        P256.keyId(identity.ceremonySpki()),
                                        now));
        Checks.require(
                certificate.tenant().equals(tenant),
                "the import certificate is of tenant " + certificate.tenant(),
                "ask the vault's operator");
        return certificate;
    }
}
