package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.Refusals.assertRefused;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A module that does not keep what it promises. Its software token belongs to the whole machine, so
 * this runs only where STRONGROOM_OPENCRYPTOKI_TOKEN names one by its label and
 * STRONGROOM_OPENCRYPTOKI_PIN_FILE the file with its user PIN (docs/runbook.md).
 */
@Tag("keys")
class OpenCryptokiTest {
    private static final Path LIBRARY = Path.of("/usr/lib/x86_64-linux-gnu/libopencryptoki.so.0");

    @Test
    void isRefusedByTheSelfTest() {
        var token = Optional.ofNullable(System.getenv("STRONGROOM_OPENCRYPTOKI_TOKEN"));
        var pin = Optional.ofNullable(System.getenv("STRONGROOM_OPENCRYPTOKI_PIN_FILE"));
        Assumptions.assumeTrue(
                Files.exists(LIBRARY) && token.isPresent() && pin.isPresent(),
                "no openCryptoki token is named for this test");
        var module =
                new Pkcs11Module(
                        LIBRARY,
                        Optional.of(ProfileName.GENERIC),
                        Optional.empty(),
                        Optional.empty());
        var config =
                new Pkcs11Config(
                        module, token.get(), PinSource.file(Path.of(pin.get())), KeyOrigin.VAULT);

        assertRefused(Reason.SELF_TEST_FAILED, () -> Pkcs11Custodian.initialise(config));
    }
}
