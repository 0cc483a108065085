package dev.strongroom.ops;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Looks whether the clock can be right, without asking anybody: not before what was written under
 * it, and not far from the machine's battery-backed clock.
 */
final class ClockDoctor {
    private static final String NAME = "clock";

    /** No machine whose clock is right runs this program before it was written. */
    private static final Instant WRITTEN = Instant.parse("2026-11-01T00:00:00Z");

    private static final Duration TOLERATED = Duration.ofMinutes(2); // a lease's own tolerance
    private static final Path HARDWARE_CLOCK = Path.of("/sys/class/rtc/rtc0/since_epoch");

    private final InstantSource clock;
    private final Path hardwareClock;

    ClockDoctor(InstantSource clock) {
        this(clock, HARDWARE_CLOCK);
    }

    /**
     * The same with another hardware clock.
     *
     * @param hardwareClock a file with seconds since 1970; no such file, no such clock
     */
    ClockDoctor(InstantSource clock, Path hardwareClock) {
        this.clock = clock;
        this.hardwareClock = hardwareClock;
    }

    /**
     * What can be said.
     *
     * @param folders whose files were written under this clock; those that are not there say
     *     nothing
     */
    Checkup examine(List<Path> folders) throws IOException {
        Instant now = clock.instant();
        if (now.isBefore(WRITTEN)) {
            return behind(now, "this program was written");
        }
        for (Path folder : folders) {
            Optional<Path> later = writtenAfter(now.plus(TOLERATED), folder);
            if (later.isPresent()) {
                return behind(now, later.get() + " was written");
            }
        }
        Optional<Instant> hardware = hardware();
        if (hardware.isPresent() && !isNear(now, hardware.get())) {
            return Checkup.warn(
                    NAME,
                    now + ", but the hardware clock says " + hardware.get(),
                    "find out which is right, then: hwclock --systohc, or NTP");
        }
        return Checkup.ok(NAME, now + (hardware.isPresent() ? ", as the hardware clock says" : ""));
    }

    private static Checkup behind(Instant now, String what) {
        return Checkup.fail(NAME, now + " is before " + what, "set the clock, for example by NTP");
    }

    private static Optional<Path> writtenAfter(Instant time, Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isAfter(time)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Instant> hardware() {
        try {
            return Optional.of(
                    Instant.ofEpochSecond(Long.parseLong(Files.readString(hardwareClock).strip())));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty(); // virtual machines often have none
        }
    }

    private static boolean isNear(Instant a, Instant b) {
        return Duration.between(a, b).abs().compareTo(TOLERATED) <= 0;
    }
}
