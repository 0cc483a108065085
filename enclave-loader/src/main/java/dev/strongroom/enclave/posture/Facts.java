package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;
import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What level {@code base} looks at in this process.
 *
 * @param dumpable as read back from the kernel
 * @param coreFileBytes hard limit; -1 is unlimited
 * @param tracerPid process that traces this one; 0 is none
 * @param unlockedSwap a swap device is on and memory could not be locked against it
 * @param telemetry value of {@code ORT_DISABLE_TELEMETRY} that native code sees, or empty
 * @param arguments of the virtual machine, in order
 * @param flags of the virtual machine by name
 */
record Facts(
        boolean dumpable,
        long coreFileBytes,
        int tracerPid,
        boolean unlockedSwap,
        String telemetry,
        List<String> arguments,
        Map<String, String> flags) {
    static final String TELEMETRY_VARIABLE = "ORT_DISABLE_TELEMETRY";

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path SWAPS = Path.of("/proc/swaps");
    private static final String TRACER_FIELD = "TracerPid:";
    private static final Map<String, String> FLAGS = flagsWanted();
    private static final List<String> AGENTS =
            List.of(
                    "-agentlib:",
                    "-agentpath:",
                    "-javaagent:",
                    "-Xrun",
                    "-Xdebug",
                    "-Dcom.sun.management.jmxremote");

    private static Map<String, String> flagsWanted() {
        var flags = new LinkedHashMap<String, String>();
        flags.put("DisableAttachMechanism", "true");
        flags.put("HeapDumpOnOutOfMemoryError", "false");
        flags.put("HeapDumpBeforeFullGC", "false");
        flags.put("HeapDumpAfterFullGC", "false");
        flags.put("SuppressFatalErrorMessage", "true"); // a crash report shows stack bytes
        flags.put("OnError", "");
        flags.put("OnOutOfMemoryError", "");
        return flags;
    }

    static Facts gather() {
        try {
            Libc.forbidDumps();
            Libc.forbidCoreFiles();
            return new Facts(
                    Libc.dumpable(),
                    Libc.coreFileLimit(),
                    parseTracer(Files.readAllLines(STATUS)),
                    swapIsOpen(),
                    Libc.getenv(TELEMETRY_VARIABLE).orElse(""),
                    VirtualMachine.arguments(),
                    VirtualMachine.flags(List.copyOf(FLAGS.keySet())));
        } catch (LibcException | IOException e) {
            throw new IllegalStateException("posture could not be looked at", e);
        }
    }

    List<Condition> conditions() {
        List<Condition> all = new ArrayList<>();
        all.add(condition("dumpable", "no", dumpable ? "yes" : "no", "this kernel did not obey"));
        all.add(
                condition(
                        "core-files",
                        "0 bytes",
                        coreFileBytes < 0 ? "unlimited" : coreFileBytes + " bytes",
                        "start with: ulimit -Hc 0"));
        all.add(
                condition(
                        "swap",
                        "off or locked out",
                        unlockedSwap ? "swap is on, memory not locked" : "off or locked out",
                        "run swapoff -a or set LimitMEMLOCK=infinity"));
        all.add(
                condition(
                        "telemetry",
                        TELEMETRY_VARIABLE + "=1",
                        TELEMETRY_VARIABLE + "=" + telemetry,
                        "start with " + TELEMETRY_VARIABLE + "=1"));
        String agents = agents();
        all.add(condition("agents", "none", agents, "start without " + agents));
        FLAGS.forEach((flag, expected) -> all.add(flag(flag, expected)));
        return all;
    }

    /**
     * A tracer that was there before this process asked not to be dumped is the doing of the root
     * user of this machine, who is inside the trust boundary at this level.
     */
    List<String> remarks() {
        return tracerPid == 0
                ? List.of()
                : List.of("process " + tracerPid + " traces this one and can read its memory");
    }

    private String agents() {
        String loaded =
                AGENTS.stream()
                        .filter(agent -> arguments.stream().anyMatch(a -> a.startsWith(agent)))
                        .collect(Collectors.joining(" "));
        return loaded.isEmpty() ? "none" : loaded;
    }

    private Condition flag(String flag, String expected) {
        String found = flags.getOrDefault(flag, expected); // a flag this VM lacks has no effect
        return condition("flag-" + flag, value(expected), value(found), option(flag, expected));
    }

    private static String value(String flagValue) {
        return flagValue.isEmpty() ? "unset" : flagValue;
    }

    private static String option(String flag, String expected) {
        return switch (expected) {
            case "true" -> "start with -XX:+" + flag;
            case "false" -> "start with -XX:-" + flag;
            default -> "start without -XX:" + flag + "=…";
        };
    }

    private static Condition condition(String name, String expected, String found, String remedy) {
        return new Condition(Posture.BASE, name, expected, found, remedy);
    }

    static int parseTracer(List<String> status) {
        return status.stream()
                .filter(line -> line.startsWith(TRACER_FIELD))
                .map(line -> Integer.parseInt(line.substring(TRACER_FIELD.length()).strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(STATUS + " has no " + TRACER_FIELD));
    }

    private static boolean swapIsOpen() throws IOException {
        if (!swapIsOn(Files.readAllLines(SWAPS))) {
            return false;
        }
        try {
            Libc.mlockAll();
            return false;
        } catch (LibcException e) {
            return true;
        }
    }

    /** The first line is a heading; each further one is a device or file. */
    static boolean swapIsOn(List<String> swaps) {
        return swaps.stream().skip(1).anyMatch(line -> !line.isBlank());
    }
}
