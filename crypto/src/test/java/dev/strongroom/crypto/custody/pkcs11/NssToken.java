package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.OwnerSide;
import dev.strongroom.crypto.custody.PinSource;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The one token that NSS softoken has in this JVM, in a folder of its own, with a random PIN. */
final class NssToken {
    private static final String LIBRARY = "libsoftokn3.so";
    private static final String LABEL = "strongroom nss";

    private final Pkcs11Module module;
    private final Path pin;

    private NssToken(Pkcs11Module module, Path pin) {
        this.module = module;
        this.pin = pin;
    }

    /** Skips the test, visibly, where NSS is not installed. */
    static NssToken make(Path folder) throws Exception {
        Optional<Path> library = library();
        Assumptions.assumeTrue(
                library.isPresent(), LIBRARY + " is not installed: apt-get install libnss3");
        String parameters =
                "configdir='sql:%s' certPrefix='' keyPrefix='' secmod='secmod.db' flags=readWrite"
                                .formatted(folder)
                        + " dbTokenDescription='%s'".formatted(LABEL);
        var module =
                new Pkcs11Module(
                        library.get(),
                        Optional.of(ProfileName.NSS),
                        Optional.empty(),
                        Optional.of(parameters));
        setEnvironment("NSS_MAX_MP_PBE_ITERATION_COUNT", "1"); // else each use of a key takes 50 ms
        var token = new NssToken(module, newPin(folder.resolve("pin")));
        token.setPin();
        return token;
    }

    private static Optional<Path> library() {
        return Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/aarch64-linux-gnu")
                .map(folder -> Path.of(folder, LIBRARY))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    // This test is a C caller; the tests' JVM enables native access.
    @SuppressWarnings("restricted")
    private static void setEnvironment(String name, String value) throws Exception {
        Linker linker = Linker.nativeLinker();
        var descriptor = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
        var address = linker.defaultLookup().find("setenv").orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            linker.downcallHandle(address, descriptor)
                    .invokeWithArguments(
                            List.of(arena.allocateFrom(name), arena.allocateFrom(value), 1));
        } catch (Throwable e) {
            throw new IllegalStateException("setenv", e);
        }
    }

    private static Path newPin(Path file) throws Exception {
        byte[] random = new byte[16];
        OwnerSide.RANDOM.nextBytes(random);
        Files.writeString(file, HexFormat.of().formatHex(random));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /** A new database has no PIN, and its security officer an empty one. */
    private void setPin() throws Exception {
        Cryptoki cryptoki = Cryptoki.load(module);
        long session = cryptoki.openSession(2); // the slot with the database
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, Files.readAllBytes(pin));
            call(cryptoki, 18, "LLPL", session, 0L, arena.allocate(1), 0L);
            call(cryptoki, 10, "LPL", session, bytes, bytes.byteSize());
            cryptoki.logout(session);
        } finally {
            cryptoki.closeSession(session);
        }
    }

    private static void call(Cryptoki cryptoki, int index, String parameters, Object... arguments)
            throws Pkcs11Exception {
        NativeModule.invoke(
                "function " + index, cryptoki.module().bind(index, parameters), arguments);
    }

    Pkcs11Config config() {
        return new Pkcs11Config(module, LABEL, PinSource.file(pin), KeyOrigin.VAULT);
    }

    String serial() throws Exception {
        return TokenChoice.byLabel(Cryptoki.load(module), LABEL).serial();
    }
}
