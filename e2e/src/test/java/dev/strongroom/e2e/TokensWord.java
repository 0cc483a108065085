package dev.strongroom.e2e;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.CertificateAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * What only the token's keys can sign, for a {@link Relay} in the vault's place: a server
 * certificate, and the word of the ceremony key that the token is of a lower level.
 */
final class TokensWord {
    private TokensWord() {}

    /**
     * After the token's arguments: ca.pem, and a folder with a vault identity and an import
     * certificate, beside which their like for a weaker token are put.
     */
    public static void main(String[] arguments) throws Exception {
        Path authority = Path.of(PinHolder.more(arguments).getFirst());
        Path folder = Path.of(PinHolder.more(arguments).getLast());
        try (var custodian = PinHolder.open(arguments)) {
            var ceremony = custodian.signer(SigningKey.CEREMONY, SigningKey.FIRST);
            var identity =
                    VaultIdentity.verify(
                            Dsse.decode(Files.readAllBytes(folder.resolve("identity"))),
                            ceremony.keyId());
            Files.write(
                    folder.resolve("weaker-identity"), weaker(identity).sign(ceremony).encode());
            var certificate =
                    ImportCertificate.verify(
                            Dsse.decode(Files.readAllBytes(folder.resolve("import"))),
                            identity.ceremonySpki(),
                            ceremony.keyId(),
                            Instant.now());
            Files.write(
                    folder.resolve("weaker-import"), weaker(certificate).sign(ceremony).encode());
            KeyPair key = P256.newKeyPair(new SecureRandom());
            var ca =
                    new CertificateAuthority(
                            custodian.signer(SigningKey.CA, SigningKey.FIRST),
                            PemFiles.certificate(authority),
                            InstantSource.system(),
                            new SecureRandom());
            PemFiles.write(
                    folder.resolve("tls"),
                    ca.issueServer(
                            "strongroom vault",
                            key.getPublic().getEncoded(),
                            Instant.now().plus(Duration.ofHours(1)),
                            List.of("localhost", "127.0.0.1")),
                    key);
        }
    }

    private static VaultIdentity weaker(VaultIdentity identity) {
        return VaultIdentity.first(
                identity.ceremonySpki(),
                identity.signingSpki(),
                identity.caCertificate(),
                identity.module(),
                TrustLevel.SOFTWARE,
                identity.tee(),
                identity.attestationRoot(),
                identity.logOrigin());
    }

    private static ImportCertificate weaker(ImportCertificate certificate) {
        return new ImportCertificate(
                certificate.spki(),
                certificate.tenant(),
                certificate.module(),
                TrustLevel.SOFTWARE,
                certificate.hash(),
                certificate.notAfter());
    }
}
