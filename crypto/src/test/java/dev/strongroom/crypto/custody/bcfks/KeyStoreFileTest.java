package dev.strongroom.crypto.custody.bcfks;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.RANDOM;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.crypto.util.PBKDFConfig;
import org.bouncycastle.crypto.util.ScryptConfig;
import org.bouncycastle.jcajce.BCFKSLoadStoreParameter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key store's file: one attempt, one refusal, one writer, and never a new one for a lost. */
class KeyStoreFileTest {
    @TempDir private static Path template;
    private static String serial = "";

    @TempDir private Path dir;
    private TestStore store;

    @BeforeAll
    static void initialise() throws Exception {
        try (var custodian = TestStore.in(template).initialise()) {
            serial = custodian.info().tokenSerial();
        }
    }

    @BeforeEach
    void copy() throws Exception {
        store = TestStore.in(dir);
        Files.copy(TestStore.in(template).file(), store.file(), StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Test
    void isPrivateAndNamesItsLevel() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(store.file())))
                .isEqualTo("rw-------");
        try (var custodian = store.open(serial)) {
            assertThat(custodian.info().level()).isEqualTo(TrustLevel.SOFTWARE);
            assertThat(custodian.info().module()).startsWith("Bouncy Castle BCFKS");
        }
    }

    @Test
    void refusesAWrongPasswordAfterOneAttempt() throws Exception {
        var attempts = new AtomicInteger();
        Path wrong = TestStore.secret(dir.resolve("wrong"), "another pass phrase");
        PinSource counted =
                arena -> {
                    attempts.incrementAndGet();
                    return PinSource.file(wrong).read(arena);
                };
        byte[] before = Files.readAllBytes(store.file());

        assertRefused(
                Reason.PIN_INCORRECT,
                () -> BcfksCustodian.open(new BcfksConfig(store.file(), counted), serial, RANDOM));

        assertThat(attempts).hasValue(1);
        assertThat(Files.readAllBytes(store.file())).isEqualTo(before);
        store.open(serial).close();
    }

    /** Authentication cannot tell damage from a wrong password, so neither does the refusal. */
    @Test
    void refusesADamagedFileLikeAWrongPassword() throws Exception {
        byte[] good = Files.readAllBytes(store.file());
        String wrongPassword = wrongPasswordMessage();
        for (int at : new int[] {0, 2, 40, good.length / 2, good.length - 1}) {
            byte[] flipped = good.clone();
            flipped[at] ^= 1;
            assertThat(refusalOf(flipped)).as("byte %d", at).isEqualTo(wrongPassword);
        }
        assertThat(refusalOf(new byte[0])).isEqualTo(wrongPassword);
        assertThat(refusalOf(Arrays.copyOf(good, good.length - 1))).isEqualTo(wrongPassword);
        assertThat(refusalOf(Arrays.copyOf(good, good.length + 1))).isEqualTo(wrongPassword);
    }

    private String wrongPasswordMessage() throws Exception {
        Path wrong = TestStore.secret(dir.resolve("wrong"), "another pass phrase");
        return messageOf(new BcfksConfig(store.file(), PinSource.file(wrong)));
    }

    private String refusalOf(byte[] content) throws IOException {
        Files.write(store.file(), content);
        return messageOf(store.config());
    }

    private String messageOf(BcfksConfig config) {
        var refusal =
                catchThrowableOfType(
                        CustodyException.class,
                        () -> BcfksCustodian.open(config, serial, RANDOM).close());
        assertThat(refusal.reason()).isEqualTo(Reason.PIN_INCORRECT);
        return String.valueOf(refusal.getMessage());
    }

    /** Who can write the file cannot make us spend memory or accept a weaker derivation. */
    @Test
    void refusesAnotherDerivationBeforeItRuns() throws Exception {
        Files.write(store.file(), storedWith(new ScryptConfig.Builder(2, 8, 1).build()));
        assertThat(messageOf(store.config())).contains("the password is wrong, or");
    }

    private static byte[] storedWith(PBKDFConfig derivation) throws Exception {
        var keys = KeyStore.getInstance("BCFKS", new BouncyCastleProvider());
        keys.load(null, null);
        var out = new ByteArrayOutputStream();
        keys.store(
                new BCFKSLoadStoreParameter.Builder(out, "a pass phrase".toCharArray())
                        .withStorePBKDFConfig(derivation)
                        .build());
        return out.toByteArray();
    }

    @Test
    void makesNoneInPlaceOfAMissingFile() throws Exception {
        Files.delete(store.file());

        assertRefused(Reason.TOKEN_NOT_FOUND, () -> store.open(serial));

        assertThat(store.file()).doesNotExist();
    }

    @Test
    void overwritesNoneThatIsThere() throws Exception {
        byte[] before = Files.readAllBytes(store.file());

        assertRefused(Reason.KEY_EXISTS, store::initialise);

        assertThat(Files.readAllBytes(store.file())).isEqualTo(before);
    }

    @Test
    void refusesAnotherKeyStore() throws Exception {
        assertRefused(Reason.TOKEN_CHANGED, () -> store.open("bcfks-" + "00".repeat(16)));
    }

    @Test
    void refusesAFileThatOthersCanUseOrThatIsALink() throws Exception {
        Files.setPosixFilePermissions(store.file(), PosixFilePermissions.fromString("rw-r-----"));
        assertRefused(Reason.STORE_NOT_USABLE, () -> store.open(serial));

        Path real = dir.resolve("real");
        Files.move(store.file(), real);
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(store.file(), real);
        assertRefused(Reason.STORE_NOT_USABLE, () -> store.open(serial));
    }

    @Test
    void lettingTwoVaultsWriteWouldLoseKeys() throws Exception {
        try (var custodian = store.open(serial)) {
            assertRefused(Reason.TOKEN_BUSY, () -> store.open(serial));
            assertThat(custodian.keks(ACME)).isEmpty();
        }
        store.open(serial).close();
    }

    @Test
    void changesNothingOnceTheFileOrThePasswordIsAnother() throws Exception {
        Path old = Files.copy(store.file(), dir.resolve("old"));
        try (var custodian = store.open(serial)) {
            custodian.createKek(ACME, 1);
            Path current = Files.copy(store.file(), dir.resolve("current"));

            Files.copy(old, store.file(), StandardCopyOption.REPLACE_EXISTING);
            assertRefused(Reason.TOKEN_CHANGED, () -> custodian.createKek(ACME, 2));
            Files.delete(store.file());
            assertRefused(Reason.TOKEN_NOT_FOUND, () -> custodian.createKek(ACME, 2));
            assertThat(store.file()).doesNotExist();

            Files.move(current, store.file());
            TestStore.secret(store.password(), "changed meanwhile");
            assertRefused(Reason.PIN_INCORRECT, () -> custodian.createKek(ACME, 2));
            TestStore.secret(store.password(), "a pass phrase");
            custodian.createKek(ACME, 2);
            assertThat(custodian.keks(ACME)).hasSize(2);
        }
    }

    @Test
    void aChangeThatCannotBeWrittenDidNotHappen() throws Exception {
        Path next = dir.resolve("keys.bcfks.next");
        try (var custodian = store.open(serial)) {
            Files.createDirectories(next.resolve("in the way"));
            assertRefused(Reason.STORE_NOT_USABLE, () -> custodian.createKek(ACME, 1));
            assertThat(custodian.keks(ACME)).isEmpty();

            Files.delete(next.resolve("in the way"));
            custodian.createKek(ACME, 1); // the rest of a crash goes away
            assertThat(next).doesNotExist();
        }
        try (var again = store.open(serial)) {
            assertThat(again.keks(ACME)).hasSize(1);
        }
    }

    @Test
    void aClosedOneDoesNothing() throws Exception {
        var custodian = store.open(serial);
        custodian.close();
        custodian.close();

        assertRefused(Reason.TOKEN_FAILED, () -> custodian.keks(ACME));
        assertRefused(Reason.TOKEN_FAILED, () -> custodian.createKek(ACME, 1));
    }
}
