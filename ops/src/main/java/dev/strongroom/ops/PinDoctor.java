package dev.strongroom.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Examines where a PIN or password comes from. Reads none, and runs no program. */
final class PinDoctor {
    private static final String NAME = "pin source";
    private static final Set<PosixFilePermission> OWNERS =
            PosixFilePermissions.fromString("rw-------");
    // systemd gives a service its credential by an access list, whose mask shows as the group's
    private static final Set<PosixFilePermission> CREDENTIAL =
            PosixFilePermissions.fromString("rw-r-----");
    private static final Set<PosixFilePermission> WRITERS =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private PinDoctor() {}

    static Checkup file(Path file) throws IOException {
        return secret("file", file, OWNERS, "chmod 600 " + file);
    }

    /**
     * A credential that systemd passes.
     *
     * @param folder as the environment names it; only a service has one
     */
    static Checkup credential(String name, Optional<String> folder) throws IOException {
        if (folder.isEmpty()) {
            return Checkup.warn(
                    NAME,
                    "credential " + name + ": this process is no service and has none",
                    "look from the unit: systemd-run --pipe --wait -p LoadCredential="
                            + name
                            + ":FILE strongroom doctor ...");
        }
        return secret(
                "credential",
                Path.of(folder.get(), name),
                CREDENTIAL,
                "let systemd make it: LoadCredential=" + name + ":FILE");
    }

    private static Checkup secret(
            String kind, Path file, Set<PosixFilePermission> allowed, String next)
            throws IOException {
        if (!Files.isReadable(file)) {
            return Checkup.fail(NAME, file + " cannot be read", "check path and owner");
        }
        var attributes =
                Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            return Checkup.fail(NAME, kind + " " + file + " is no regular file", "name the file");
        }
        String mode = PosixFilePermissions.toString(attributes.permissions());
        return allowed.containsAll(attributes.permissions())
                ? Checkup.ok(NAME, kind + ", " + mode)
                : Checkup.fail(NAME, kind + ", open to others: " + mode, next);
    }

    /**
     * What a vault would run at each login.
     *
     * @param argv the program and its arguments, which are not repeated: they may say where a
     *     secret is
     */
    static Checkup command(List<String> argv) throws IOException {
        Path program = Path.of(argv.getFirst());
        String would = "would run " + program + " with " + (argv.size() - 1) + " argument(s)";
        if (!program.isAbsolute()) {
            return Checkup.fail(NAME, would, "name the program by its absolute path");
        }
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            return Checkup.fail(
                    NAME, would + ", which is no program that this user can run", "check its path");
        }
        Optional<String> open = openToOthers(program);
        return open.isPresent()
                ? Checkup.fail(
                        NAME,
                        would + ", but " + open.get(),
                        "who writes there sees each PIN, and is run as the vault: close it")
                : Checkup.ok(NAME, would + ", of " + Files.getOwner(program) + "; it was not run");
    }

    /**
     * The first on the way to a program that somebody besides root and this user can write or
     * replace.
     */
    private static Optional<String> openToOthers(Path program) throws IOException {
        String self = System.getProperty("user.name");
        for (Path at : WayTo.of(program)) {
            var attributes =
                    Files.readAttributes(at, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            String owner = attributes.owner().getName();
            if (!owner.equals("root") && !owner.equals(self)) {
                return Optional.of(at + " belongs to " + owner);
            }
            if (isWritable(at, attributes)) {
                String mode = PosixFilePermissions.toString(attributes.permissions());
                return Optional.of("others can write " + at + " (" + mode + ")");
            }
        }
        return Optional.empty();
    }

    /**
     * In a sticky folder, as /tmp is, nobody replaces what is another's. A link is written by
     * replacing it, whatever its mode says.
     */
    private static boolean isWritable(Path at, PosixFileAttributes attributes) throws IOException {
        if (attributes.isSymbolicLink()) {
            return false;
        }
        boolean open = attributes.permissions().stream().anyMatch(WRITERS::contains);
        boolean sticky = ((int) Files.getAttribute(at, "unix:mode") & 01000) != 0;
        return open && !(attributes.isDirectory() && sticky);
    }
}
