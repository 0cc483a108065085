package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.crypto.seal.TestSecrets;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Looks in all memory of a process that released and opened, heap and native, for every key it had:
 * raw, each half, hex, base64, AES key schedule, HMAC pads, in both byte orders.
 */
@EnabledOnOs(OS.LINUX)
class KeyResidueTest {
    private static final KeyPair OWNER = Version.p256();
    private static final byte[] PLAINTEXT = new byte[8 << 20];

    static {
        new Random(1).nextBytes(PLAINTEXT);
    }

    @TempDir private Path dir;

    /**
     * Half a key is what one vector register holds, and a thread that is stopped while it copies a
     * key leaves its registers on its stack. That is chance and not seen twice; code that leaves
     * something leaves it each time.
     */
    @Test
    void noKeyIsLeftInAProcessThatOpened() throws Exception {
        Map<String, Map<String, Integer>> found = keysIn(ResidueNode.Helper.NONE);
        if (!found.isEmpty() && found.keySet().stream().allMatch(each -> each.endsWith(" half"))) {
            found = keysIn(ResidueNode.Helper.NONE);
        }
        assertThat(found).isEmpty();
    }

    @Test
    void theScannerFindsWhatALeakyHelperKeeps() throws Exception {
        assertThat(keysIn(ResidueNode.Helper.LEAKY))
                .containsKeys(
                        "IKM raw",
                        "IKM hex",
                        "IKM base64",
                        "IKM schedule words",
                        "IKM pad 54",
                        "IKM pad 92")
                .doesNotContainKeys("T raw", "file key raw", "digest key raw");
    }

    private Map<String, Map<String, Integer>> keysIn(ResidueNode.Helper helper) throws Exception {
        Process node = start(helper);
        try (BufferedReader from = node.inputReader(StandardCharsets.US_ASCII);
                var to = node.outputWriter(StandardCharsets.US_ASCII);
                var secrets = VersionSecrets.generate(new SecureRandom())) {
            byte[] spki = HexFormat.of().parseHex(from.readLine());
            Identity identity = Version.identity(OWNER, OaepHash.SHA1);
            Version version =
                    Version.seal(OWNER, identity, spki, Map.of("weights.bin", PLAINTEXT), secrets);
            Files.write(dir.resolve("manifest"), version.manifest().encode());
            Files.write(dir.resolve("wrapped"), version.wrappedToImportKey());
            Files.write(dir.resolve("sealed"), version.sealed().getFirst());
            to.write("load\n");
            to.flush();
            assertThat(from.readLine()).isEqualTo("loaded");
            return new ProcessMemory(node.pid()).find(needles(secrets, identity, version));
        } finally {
            node.destroyForcibly();
        }
    }

    private Process start(ResidueNode.Helper helper) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms256m",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ResidueNode.class.getName(),
                        dir.toString(),
                        helper.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Map<String, byte[]> needles(
            VersionSecrets secrets, Identity identity, Version version) {
        byte[] t = TestSecrets.wrappingKey(secrets);
        byte[] ikm = TestSecrets.contentKey(secrets);
        byte[] file = identity.file("weights.bin", 0);
        byte[] salt = Arrays.copyOfRange(version.sealed().getFirst(), 1, 33);
        var needles = new LinkedHashMap<String, byte[]>();
        add(needles, "T", t);
        add(needles, "IKM", ikm);
        add(needles, "file key", Derivation.fileKey(ikm, salt, file));
        add(needles, "digest key", Derivation.plaintextDigestKey(Derivation.digestRoot(ikm), file));
        return needles;
    }

    private static void add(Map<String, byte[]> needles, String name, byte[] key) {
        byte[] roundKeys = Arrays.copyOfRange(AesSchedule.expand(key), 32, 64);
        needles.put(name + " raw", key);
        needles.put(name + " first half", Arrays.copyOf(key, 16));
        needles.put(name + " second half", Arrays.copyOfRange(key, 16, 32));
        needles.put(name + " words", AesSchedule.swapWords(key));
        needles.put(
                name + " hex", HexFormat.of().formatHex(key).getBytes(StandardCharsets.US_ASCII));
        needles.put(name + " base64", Base64.getEncoder().withoutPadding().encode(key));
        needles.put(name + " schedule", roundKeys);
        needles.put(name + " schedule words", AesSchedule.swapWords(roundKeys));
        for (int pad : new int[] {0x36, 0x5c}) {
            byte[] padded = key.clone();
            for (int i = 0; i < padded.length; i++) {
                padded[i] ^= (byte) pad;
            }
            needles.put(name + " pad " + pad, padded);
        }
    }
}
