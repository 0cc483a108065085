package dev.strongroom.crypto.custody;

import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a PIN comes from, and what is refused on the way. */
class PinSourceTest {
    @TempDir private Path dir;

    @Test
    void readsAFileWithoutItsLineEnd() throws Exception {
        assertThat(read(PinSource.file(file("1234\n", "rw-------")))).isEqualTo("1234");
        assertThat(read(PinSource.file(file("12 34\n\n", "r--------")))).isEqualTo("12 34\n");
    }

    @Test
    void readsNoFileThatOthersCanRead() throws Exception {
        for (String mode : List.of("rw-r-----", "rw----r--", "rwx------")) {
            var source = PinSource.file(file("1234", mode));
            assertRefused(Reason.PIN_NOT_USABLE, () -> read(source));
        }
    }

    @Test
    void readsACredentialOfThisService() throws Exception {
        file("1234", "r--r-----"); // as systemd's access list shows
        assertThat(read(new PinCredential("pin", dir::toString))).isEqualTo("1234");
    }

    @Test
    void readsNoCredentialThatEverybodyCanRead() throws Exception {
        file("1234", "r--r--r--");
        var source = new PinCredential("pin", dir::toString);
        assertRefused(Reason.PIN_NOT_USABLE, () -> read(source));
    }

    @Test
    void saysWhenTheServiceHasNoCredentials() {
        assertRefused(Reason.PIN_NOT_USABLE, () -> read(new PinCredential("pin", () -> null)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../pin", "a/b", ".hidden", "a\0b"})
    void aCredentialHasANameAndNoPath(String name) {
        assertThatThrownBy(() -> PinSource.credential(name))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsWhatAProgramPrints() throws Exception {
        assertThat(read(PinSource.command(List.of("/usr/bin/printf", "12 $HOME;34\\n"))))
                .isEqualTo("12 $HOME;34");
        assertThat(read(PinSource.command(List.of("/bin/sh", "-c", "printf 12; printf 34"))))
                .isEqualTo("1234");
    }

    @Test
    void believesNoProgramThatFails() {
        assertRefused(
                Reason.PIN_NOT_USABLE,
                () -> read(PinSource.command(List.of("/bin/sh", "-c", "echo 1234; exit 3"))));
        assertRefused(Reason.PIN_NOT_USABLE, () -> read(PinSource.command(List.of("/bin/none"))));
        assertRefused(Reason.PIN_NOT_USABLE, () -> read(PinSource.command(List.of("/bin/true"))));
    }

    @Test
    void boundsWhatAProgramPrints() {
        assertRefused(
                Reason.PIN_NOT_USABLE,
                () -> read(PinSource.command(List.of("/usr/bin/yes", "1234"))));
    }

    @Test
    void boundsHowLongAProgramTakes() {
        var endless =
                new PinCommand(List.of("/usr/bin/tail", "-f", "/dev/null"), Duration.ofMillis(200));
        assertRefused(Reason.PIN_NOT_USABLE, () -> read(endless));
    }

    @Test
    void runsNothingByASearchedPath() {
        assertThatThrownBy(() -> PinSource.command(List.of("printf", "1234")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PinSource.command(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noSourcePrintsMoreThanWhereItReads() {
        assertThat(PinSource.command(List.of("/bin/get", "--token=secret")).toString())
                .doesNotContain("secret");
        assertThat(PinSource.credential("pin").toString()).isEqualTo("PinCredential[pin]");
    }

    private static String read(PinSource source) throws CustodyException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] pin = source.read(arena).toArray(ValueLayout.JAVA_BYTE);
            return new String(pin, StandardCharsets.UTF_8);
        }
    }

    private Path file(String content, String mode) throws Exception {
        Path file = dir.resolve("pin");
        Files.deleteIfExists(file);
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }
}
