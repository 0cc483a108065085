package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.ClientException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir Path folder;
    private Profile profile;

    @BeforeEach
    void open() {
        profile = new Profile(folder);
    }

    @Test
    void withoutAPinNothingIsBelieved() {
        assertKind(profile::requirePin, Kind.DENIED);
    }

    @Test
    void readsThePin() throws Exception {
        Digest pin = Digest.sha256(new byte[1]);
        Files.writeString(folder.resolve("pin.txt"), pin.hex() + "\n");

        assertThat(profile.requirePin()).isEqualTo(pin);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789"
            })
    void refusesAPinThatIsNone(String text) throws Exception {
        Files.writeString(folder.resolve("pin.txt"), text);

        assertKind(profile::requirePin, Kind.LOCAL);
    }

    @Test
    void refusesAnOverlongFile() throws Exception {
        Files.writeString(folder.resolve("pin.txt"), "0".repeat(10_000));

        assertKind(profile::requirePin, Kind.LOCAL);
    }

    @Test
    void anOwnerKeyComesBackAsItWasMade() throws Exception {
        OwnerKey made = OwnerKey.create(profile, RANDOM);

        assertThat(OwnerKey.load(profile).keyId()).isEqualTo(made.keyId());
        assertThat(profile.requireOwner()).isEqualTo(made.keyId());
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("owner.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void anOwnerKeyIsNeverOverwritten() throws Exception {
        OwnerKey made = OwnerKey.create(profile, RANDOM);

        assertKind(() -> OwnerKey.create(profile, RANDOM), Kind.CONFLICT);
        assertThat(OwnerKey.load(profile).keyId()).isEqualTo(made.keyId());
    }

    @Test
    void refusesAnOwnerKeyThatOthersCanRead() throws Exception {
        OwnerKey.create(profile, RANDOM);
        Files.setPosixFilePermissions(
                folder.resolve("owner.pem"), PosixFilePermissions.fromString("rw-r-----"));

        assertKind(() -> OwnerKey.load(profile), Kind.DENIED);
    }

    @Test
    void refusesAnOwnerKeyOfAnotherPublicHalf() throws Exception {
        OwnerKey.create(profile, RANDOM);
        var other = new Profile(folder.resolve("other"));
        OwnerKey.create(other, RANDOM);
        Files.copy(
                other.folder().resolve("owner.pub.pem"),
                folder.resolve("owner.pub.pem"),
                StandardCopyOption.REPLACE_EXISTING);

        assertKind(() -> OwnerKey.load(profile), Kind.LOCAL);
    }

    @Test
    void withoutAnOwnerKeyNothingIsSigned() {
        assertKind(() -> OwnerKey.load(profile), Kind.DENIED);
    }

    @Test
    void staysInTheWorldItWasBornIn() throws Exception {
        var world = new World(profile);
        world.stay(Digest.sha256(new byte[1]));
        world.stay(Digest.sha256(new byte[1]));

        assertKind(() -> world.stay(Digest.sha256(new byte[2])), Kind.VERIFICATION_FAILED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                "host:",
                ":1",
                "host:123456",
                "ho st:1",
                "http://host:1",
                "host:1/x"
            })
    void refusesWhatIsNoAddress(String address) throws Exception {
        Profile identity = new TestCertificates().profile(folder.resolve("identity"));

        assertKind(() -> Channels.open(identity, address), Kind.LOCAL);
    }

    @Test
    void refusesATlsKeyThatOthersCanRead() throws Exception {
        Profile identity = new TestCertificates().profile(folder.resolve("identity"));
        Files.setPosixFilePermissions(
                identity.folder().resolve("key.pem"), PosixFilePermissions.fromString("rw-rw-rw-"));

        assertKind(() -> Channels.open(identity, "localhost:1"), Kind.DENIED);
    }

    private static void assertKind(ThrowingCallable call, Kind kind) {
        assertThatThrownBy(call)
                .isInstanceOf(ClientException.class)
                .extracting(e -> ((ClientException) e).kind())
                .isEqualTo(kind);
    }
}
