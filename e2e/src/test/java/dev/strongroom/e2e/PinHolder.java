package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Config;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Custodian;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Somebody who has the PIN of a deployment's token: a process of its own, since a token module
 * reads its configuration once.
 */
final class PinHolder {
    private static final int OWN_ARGUMENTS = 4;

    private PinHolder() {}

    /** Runs {@code main} with the token's four arguments first. */
    static void run(Deployment world, Class<?> main, String... more) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.add(world.token().path("module").asString());
        command.add(world.token().path("label").asString());
        command.add(world.token().path("serial").asString());
        command.add(world.pinFile().toString());
        command.addAll(List.of(more));
        Outcome made = world.distribution().run(command);
        assertThat(made.exit()).as(made.err()).isZero();
    }

    /** In that process: the token. */
    static Pkcs11Custodian open(String... arguments) throws Exception {
        var pin = PinSource.file(Path.of(arguments[3]));
        return Pkcs11Custodian.open(
                new Pkcs11Config(Path.of(arguments[0]), arguments[1], pin), arguments[2]);
    }

    /** In that process: what follows the token's arguments. */
    static List<String> more(String... arguments) {
        return List.of(arguments).subList(OWN_ARGUMENTS, arguments.length);
    }
}
