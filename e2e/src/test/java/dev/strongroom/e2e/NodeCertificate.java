package dev.strongroom.e2e;

import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.vault.access.CertificateAuthority;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** A server certificate by the vault's authority, for a {@link Relay} in a server's place. */
final class NodeCertificate {
    private NodeCertificate() {}

    /** After the token's arguments: ca.pem, the folder to make, and a name beside localhost. */
    public static void main(String[] arguments) throws Exception {
        List<String> more = PinHolder.more(arguments);
        try (var custodian = PinHolder.open(arguments)) {
            KeyPair key = P256.newKeyPair(new SecureRandom());
            var ca =
                    new CertificateAuthority(
                            custodian.signer(SigningKey.CA, SigningKey.FIRST),
                            PemFiles.certificate(Path.of(more.getFirst())),
                            InstantSource.system(),
                            new SecureRandom());
            PemFiles.write(
                    Path.of(more.get(1)),
                    ca.issueServer(
                            "node",
                            key.getPublic().getEncoded(),
                            Instant.now().plus(Duration.ofHours(1)),
                            List.of("localhost", "127.0.0.1", more.getLast())),
                    key);
        }
    }
}
