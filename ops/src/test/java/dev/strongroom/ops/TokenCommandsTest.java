package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.KeySuccession;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.testkit.SoftwareChip;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Result tokens in the hands of somebody who has a vault's pin and no connection. */
class TokenCommandsTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final SoftwareChip CHIP = SoftwareChip.create(RANDOM, InstantSource.system());
    private static final KeyPair CEREMONY = P256.newKeyPair(RANDOM);
    private static final KeyPair SIGNING = P256.newKeyPair(RANDOM);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final String ORIGIN = "vault.example/log";
    private static final String PIN = P256.keyId(CEREMONY.getPublic().getEncoded()).hex();

    @TempDir private Path dir;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String file = "";

    @BeforeEach
    void write() throws Exception {
        file = token(SIGNING, identity());
    }

    private static VaultIdentity identity() {
        return VaultIdentity.first(
                CEREMONY.getPublic().getEncoded(),
                SIGNING.getPublic().getEncoded(),
                new byte[] {1},
                "module",
                TrustLevel.SOFT_TOKEN,
                CHIP.anchors().tee(),
                CHIP.anchors().fingerprint(),
                ORIGIN);
    }

    private String token(KeyPair signer, VaultIdentity identity) throws Exception {
        var result =
                new AttestationResult(
                        ORIGIN,
                        NOW,
                        NOW.plus(Duration.ofMinutes(5)),
                        new byte[32],
                        new TrustVector(2, 3, 2),
                        ModelName.parse("acme/net"),
                        1,
                        VersionId.of(new byte[16]),
                        Digest.sha256(),
                        NodeOwners.alone(Digest.sha256()),
                        Digest.sha256(),
                        Digest.sha256(),
                        CHIP.anchors().tee(),
                        CHIP.anchors().fingerprint(),
                        new byte[16],
                        Digest.sha256(),
                        Digest.sha256(),
                        1,
                        9);
        String token =
                ResultToken.sign(
                        result, identity.sign(P256.signer(CEREMONY)).encode(), P256.signer(signer));
        return Files.writeString(Files.createTempFile(dir, "token", ""), token + "\n").toString();
    }

    @Test
    void verifiesATokenUnderThePinAlone() {
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:04:59Z", "--model", "acme/net"))
                .as(text(err))
                .isZero();
        assertThat(text(out)).contains("affirming").contains("acme/net");
    }

    @Test
    void refusesItAfterItsEndOrAboutAnotherModelOrUnderRootsThatItDoesNotKnow() {
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:05:00Z")).isEqualTo(5);
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:00:00Z", "--model", "acme/other"))
                .isEqualTo(5);
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:00:00Z", "--boot-id", "07".repeat(16)))
                .isEqualTo(5);
        assertThat(verify(TrustAnchors.vendors(), "2026-11-22T12:00:00Z")).isEqualTo(5);
        assertThat(text(err)).contains("this program believes hardware");
    }

    /** A thief has the key that was replaced and the identity in which it was the present one. */
    @Test
    void refusesAReplacedKeyOnceTheContextSawTheNextOne() throws Exception {
        KeyPair next = P256.newKeyPair(RANDOM);
        byte[] signing = SIGNING.getPublic().getEncoded();
        byte[] spki = next.getPublic().getEncoded();
        var word = KeySuccession.sign(ORIGIN, P256.signer(SIGNING), signing, 10, spki);
        VaultIdentity later = identity().withSigningKey(spki, word);
        String stolen = file;
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:00:00Z")).as(text(err)).isZero();
        file = token(next, later);
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:00:00Z")).as(text(err)).isZero();
        file = stolen;
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:00:00Z")).isEqualTo(5);
        assertThat(text(err)).contains("may be in other hands");
        file = token(SIGNING, later);
        assertThat(verify(CHIP.anchors(), "2026-11-22T12:00:00Z")).isEqualTo(5);
        assertThat(text(err)).contains("present signing key");
    }

    @Test
    void showsAnyTokenAndSaysThatItWasNotChecked() {
        assertThat(run(CHIP.anchors(), "evidence", "inspect", file)).as(text(err)).isZero();
        assertThat(text(out)).contains("not checked").contains("acme/net");
    }

    private int verify(TrustAnchors anchors, String at, String... more) {
        var words = new ArrayList<String>();
        words.addAll(List.of("--context", dir.resolve("context").toString()));
        words.addAll(List.of("evidence", "token", "verify", file, "--pin", PIN, "--at", at));
        words.addAll(List.of(more));
        return run(anchors, words.toArray(String[]::new));
    }

    private int run(TrustAnchors anchors, String... words) {
        out.reset();
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Console.Errors.FILE,
                        Map.of("STRONGROOM_OUTPUT", "json"));
        return new StrongroomCommand(anchors, console).execute(words);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
