package dev.strongroom.ops;

import dev.strongroom.client.VaultKeys;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VaultIdentity;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "export-public",
        description = {
            "Print the vault's public keys, verified under the pin, and with --tenant the tenant's",
            "import key."
        })
final class KeysExportPublic implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose import key to print as well.")
    private @Nullable TenantName tenant;

    KeysExportPublic(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            VaultIdentity identity = vault.identify(session.pin(), session.anchors());
            Answer.Fields answer =
                    Answer.with("pin", P256.keyId(identity.ceremonySpki()).hex())
                            .with("module", identity.module())
                            .with("trust_level", identity.level().name())
                            .with("log_origin", identity.logOrigin())
                            .with("attestation_root", identity.attestationRoot().hex())
                            .with("ceremony_spki", base64(identity.ceremonySpki()))
                            .with("signing_spki", base64(identity.signingSpki()))
                            .with("ca_certificate", base64(identity.caCertificate()));
            if (tenant != null) {
                ImportCertificate certificate =
                        new VaultKeys(vault)
                                .importCertificate(tenant, identity, session.clock().instant());
                answer.with("import_spki", base64(certificate.spki()))
                        .with("import_oaep_hash", certificate.hash().name())
                        .with("import_not_after", certificate.notAfter().toString());
            }
            return session.print(answer.one());
        }
    }

    private static String base64(byte[] der) {
        return Base64.getEncoder().encodeToString(der);
    }
}
