package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Config;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Custodian;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.ServerTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

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
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExpiredIdentity.class.getName(),
                        world.token().path("module").asString(),
                        world.token().path("label").asString(),
                        world.token().path("serial").asString(),
                        world.pinFile().toString(),
                        principal.uri(),
                        world.operator().resolve("ca.pem").toString(),
                        folder.toString());
        Outcome made = world.distribution().run(command);
        assertThat(made.exit()).as(made.err()).isZero();
        return new ExpiredIdentity(folder.resolve("expired"), folder.resolve("valid"));
    }

    /** Arguments: module, label, serial, PIN file, principal, ca.pem, folder. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[6]);
        var pin = PinSource.file(Path.of(arguments[3]));
        var token = new Pkcs11Config(Path.of(arguments[0]), arguments[1], pin);
        var principal = Principal.ofUri(arguments[4]).orElseThrow();
        try (var custodian = Pkcs11Custodian.open(token, arguments[2])) {
            var signer = custodian.signer(SigningKey.CA);
            Path authority = Path.of(arguments[5]);
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
        KeyPair key = ServerTls.newKey(random);
        X509Certificate certificate =
                new CertificateAuthority(signer, read(authority), clock, random)
                        .issueClient(principal, key.getPublic().getEncoded(), Duration.ofHours(1));
        Files.createDirectory(folder);
        write(folder.resolve("cert.pem"), "CERTIFICATE", certificate.getEncoded());
        write(folder.resolve("key.pem"), "PRIVATE KEY", key.getPrivate().getEncoded());
        Files.copy(authority, folder.resolve("ca.pem"));
    }

    private static X509Certificate read(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void write(Path file, String type, byte[] encoded) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        Files.writeString(
                file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, body));
    }
}
