package dev.strongroom.testkit.softhsm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A fresh SoftHSM2 token with a random PIN.
 *
 * <p>SoftHSM2 reads its configuration once, when a process initialises the module. Use {@link
 * #create} for a token that other processes open, with {@link #environment()} in theirs; use {@link
 * #inThisProcess} for tokens that this JVM opens.
 *
 * @param module the PKCS#11 library
 * @param configuration softhsm2.conf
 * @param tokens the folder that holds the tokens
 * @param label of the token
 * @param serial of the token
 * @param pinFile the user PIN, mode 0600
 */
public record SoftHsm(
        Path module, Path configuration, Path tokens, String label, String serial, Path pinFile) {
    /** System property that names the module's file. */
    public static final String MODULE_PROPERTY = "strongroom.softhsm.module";

    /** Environment variable that names the module's file. */
    public static final String MODULE_VARIABLE = "STRONGROOM_SOFTHSM_MODULE";

    private static final String LIBRARY = "libsofthsm2.so";
    private static final int PIN_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Makes a token in {@code dir}, in a process of its own, so that this JVM stays free to use
     * another.
     *
     * @param dir made if it is not there; gets softhsm2.conf, tokens/ and pin
     * @throws IllegalStateException if SoftHSM2 is not installed or does not make the token
     */
    public static SoftHsm create(Path dir) {
        return create(dir, newLabel());
    }

    /** The same with a label of the caller's choice, which another token may have as well. */
    public static SoftHsm create(Path dir, String label) {
        try {
            Path folder = Files.createDirectories(dir).toAbsolutePath();
            Path configuration = configure(folder);
            Path module = installed();
            Path pin = writePin(folder.resolve("pin"));
            String serial = TokenMaker.inChild(module, configuration, label, pin);
            return new SoftHsm(module, configuration, folder.resolve("tokens"), label, serial, pin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes another token in the one folder that this JVM's SoftHSM2 has. The folder goes away with
     * the JVM.
     */
    public static SoftHsm inThisProcess() {
        return inThisProcess(newLabel());
    }

    /** The same with a label of the caller's choice; several tokens may have it. */
    public static SoftHsm inThisProcess(String label) {
        try {
            Path folder = ThisProcess.FOLDER;
            Path pin = writePin(Files.createTempFile(folder, "pin", ""));
            String serial = ThisProcess.makeToken(label, pin);
            return new SoftHsm(
                    ThisProcess.MODULE,
                    folder.resolve("softhsm2.conf"),
                    folder.resolve("tokens"),
                    label,
                    serial,
                    pin);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a process that opens the token needs in its environment. */
    public Map<String, String> environment() {
        return Map.of("SOFTHSM2_CONF", configuration.toString());
    }

    /** The folder of this one token, to be moved, removed and restored by tests. */
    public Path folder() {
        try (Stream<Path> folders = Files.list(tokens)) {
            // SoftHSM2 names it after the serial number: the last 8 bytes of the folder's UUID.
            return folders.filter(f -> f.getFileName().toString().replace("-", "").endsWith(serial))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no folder of token " + serial));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Where SoftHSM2 is: named by property or environment, installed, or unpacked under
     * target/softhsm.
     */
    public static Optional<Path> findModule() {
        return candidates().filter(Files::isRegularFile).findFirst();
    }

    private static Path installed() {
        return findModule()
                .orElseThrow(() ->
                        new IllegalStateException(
                                LIBRARY
                                        + " not found; install softhsm2 or set "
                                        + MODULE_VARIABLE));
    }

    private static Stream<Path> candidates() {
        Stream<String> named =
                Stream.of(
                                Optional.ofNullable(System.getProperty(MODULE_PROPERTY)),
                                Optional.ofNullable(System.getenv(MODULE_VARIABLE)))
                        .flatMap(Optional::stream);
        Path root = Path.of(System.getProperty("strongroom.root", ""));
        return Stream.concat(
                named.map(Path::of),
                Stream.concat(
                        Stream.of(
                                Path.of("/usr/lib/softhsm", LIBRARY),
                                Path.of("/usr/lib/x86_64-linux-gnu/softhsm", LIBRARY),
                                Path.of("/usr/lib64/softhsm", LIBRARY),
                                Path.of("/usr/local/lib/softhsm", LIBRARY)),
                        unpacked(root.resolve("target/softhsm"))));
    }

    private static Stream<Path> unpacked(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(f -> f.endsWith(LIBRARY)).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path configure(Path folder) throws IOException {
        Path tokens = Files.createDirectories(folder.resolve("tokens"));
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rwx------"));
        return Files.writeString(
                folder.resolve("softhsm2.conf"),
                """
                directories.tokendir = %s
                objectstore.backend = file
                log.level = ERROR
                slots.removable = false
                """
                        .formatted(tokens));
    }

    private static Path writePin(Path file) throws IOException {
        byte[] random = new byte[PIN_BYTES];
        RANDOM.nextBytes(random);
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.write(
                file,
                HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII),
                StandardOpenOption.WRITE);
    }

    private static String newLabel() {
        return "strongroom-" + HexFormat.of().toHexDigits(RANDOM.nextInt());
    }

    /** The module in this JVM: initialised on first use, for good. */
    private static final class ThisProcess {
        static final Path MODULE = installed();
        static final Path FOLDER = newFolder();
        private static final TokenMaker MAKER = TokenMaker.inThisProcess(MODULE, confFile());

        static synchronized String makeToken(String label, Path pin) throws IOException {
            return MAKER.make(label, pin);
        }

        private static Path confFile() {
            try {
                return configure(FOLDER);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path newFolder() {
            try {
                Path folder = Files.createTempDirectory("strongroom-softhsm");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void delete(Path folder) {
        try {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes a)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path visited, @Nullable IOException e) throws IOException {
                            Files.deleteIfExists(visited);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException ignored) {
            // the system's temporary folder is cleaned anyway
        }
    }

    static Path ownLocation() {
        try {
            return Path.of(
                    SoftHsm.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("own location is not a path", e);
        }
    }
}
