package dev.strongroom.e2e;

import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Principal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Two context folders with certificates of the vault's own authority: one ran out an hour ago, the
 * other, made in the same way, has not. No vault would issue the first: the authority's key is used
 * in the token, by a process that has the PIN and another clock.
 *
 * @param expired context folder
 * @param valid context folder
 */
record ExpiredIdentity(Path expired, Path valid) {
    static ExpiredIdentity make(Deployment world, Principal principal) throws Exception {
        Path folder = Files.createTempDirectory(world.rest(), "expired-");
        PinHolder.run(
                world,
                ExpiredIdentity.class,
                principal.uri(),
                world.operator().resolve("ca.pem").toString(),
                folder.toString());
        return new ExpiredIdentity(folder.resolve("expired"), folder.resolve("valid"));
    }

    /** After the token's: principal, ca.pem, folder. */
    public static void main(String[] arguments) throws Exception {
        List<String> more = PinHolder.more(arguments);
        var principal = Principal.ofUri(more.getFirst()).orElseThrow();
        Path authority = Path.of(more.get(1));
        Path folder = Path.of(more.get(2));
        try (var custodian = PinHolder.open(arguments)) {
            var signer = custodian.signer(SigningKey.CA, SigningKey.FIRST);
            InstantSource now = InstantSource.system();
            InstantSource then = InstantSource.offset(now, Duration.ofHours(-2));
            issue(signer, authority, then, principal, folder.resolve("expired"));
            issue(signer, authority, now, principal, folder.resolve("valid"));
        }
    }

    private static void issue(
            StatementSigner signer,
            Path authority,
            InstantSource clock,
            Principal principal,
            Path folder)
            throws Exception {
        var random = new SecureRandom();
        KeyPair key = P256.newKeyPair(random);
        X509Certificate certificate =
                new CertificateAuthority(signer, PemFiles.certificate(authority), clock, random)
                        .issueClient(
                                principal,
                                Optional.empty(),
                                key.getPublic().getEncoded(),
                                Duration.ofHours(1));
        PemFiles.write(folder, certificate, key);
        Files.copy(authority, folder.resolve("ca.pem"));
    }
}
