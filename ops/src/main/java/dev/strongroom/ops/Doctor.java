package dev.strongroom.ops;

import dev.strongroom.attestation.guest.Guests;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Examines this machine without changing it. Not thread-safe. */
final class Doctor {
    private static final int JDK = 25;

    private final Session session;

    Doctor(Session session) {
        this.session = session;
    }

    /**
     * In the order in which things are needed.
     *
     * @param written folders whose files were written under this machine's clock
     */
    List<Checkup> examine(List<Path> written) throws IOException {
        return List.of(
                java(),
                new ClockDoctor(session.clock()).examine(written),
                tee(),
                interfaces(),
                lockedMemory(),
                plaintextFolder(),
                context());
    }

    private static Checkup java() {
        int feature = Runtime.version().feature();
        return feature >= JDK
                ? Checkup.ok("java", "JDK " + Runtime.version())
                : Checkup.fail("java", "JDK " + feature, "install JDK " + JDK);
    }

    private static Checkup tee() {
        return Guests.detect()
                .map(guest -> Checkup.ok("tee", guest.tee().label()))
                .orElseGet(() ->
                        Checkup.warn(
                                "tee",
                                "no confidential VM here: a production node cannot run",
                                "for a node, use an SEV-SNP machine with configfs-tsm; to"
                                        + " try things out, use ./strongroom-sim"));
    }

    private static Checkup interfaces() {
        SortedMap<String, Path> present = Guests.present();
        String absent =
                Guests.known().stream()
                        .filter(name -> !present.containsKey(name))
                        .collect(Collectors.joining(", "));
        return Checkup.ok(
                "guest interfaces",
                present.isEmpty() ? "none of " + absent : present + "; not " + absent);
    }

    private static Checkup lockedMemory() throws IOException {
        Optional<String> limit =
                Files.readAllLines(Path.of("/proc/self/limits")).stream()
                        .filter(line -> line.startsWith("Max locked memory"))
                        .map(line -> line.substring(26).strip().replaceFirst("\\s.*", ""))
                        .findFirst();
        return switch (limit.orElse("0")) {
            case "unlimited" -> Checkup.ok("locked memory", "unlimited");
            case String bytes ->
                    Checkup.warn(
                            "locked memory",
                            "at most " + bytes + " bytes: a node locks its whole model",
                            "for a node: ulimit -l unlimited, or LimitMEMLOCK=infinity");
        };
    }

    private Checkup plaintextFolder() throws IOException {
        Path folder = session.profile().folder();
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        String type = Files.getFileStore(existing).type();
        return type.equals("tmpfs")
                ? Checkup.ok("context folder", folder + " is on tmpfs")
                : Checkup.warn(
                        "context folder",
                        folder + " is on " + type + ": prepared plaintext touches a disk",
                        "for push, use a --context on tmpfs, for example under /dev/shm");
    }

    private Checkup context() throws IOException {
        Profile profile = session.profile();
        try {
            return Checkup.ok("pin", session.pin().hex());
        } catch (ClientException e) {
            return Checkup.warn(
                    "pin", "none in " + profile.folder() + ": push refuses", e.nextStep());
        }
    }
}
