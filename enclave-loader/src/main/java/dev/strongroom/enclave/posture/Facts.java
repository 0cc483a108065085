package dev.strongroom.enclave.posture;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.strongroom.attestation.Posture;
import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was found about this process.
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
    private static final List<String> FLAGS =
            List.of(
                    "DisableAttachMechanism",
                    "HeapDumpOnOutOfMemoryError",
                    "HeapDumpBeforeFullGC",
                    "HeapDumpAfterFullGC",
                    "SuppressFatalErrorMessage",
                    "OnError",
                    "OnOutOfMemoryError");
    private static final List<String> AGENTS =
            List.of(
                    "-agentlib:",
                    "-agentpath:",
                    "-javaagent:",
                    "-Xrun",
                    "-Xdebug",
                    "-Dcom.sun.management.jmxremote");

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
                    ManagementFactory.getRuntimeMXBean().getInputArguments(),
                    readFlags());
        } catch (LibcException | IOException e) {
            throw new IllegalStateException("posture could not be looked at", e);
        }
    }

    Fitness judge() {
        List<String> reasons = new ArrayList<>();
        if (dumpable) {
            reasons.add("the process is dumpable although it asked not to be");
        }
        if (coreFileBytes != 0) {
            reasons.add("core files are allowed; start with: ulimit -Hc 0");
        }
        if (unlockedSwap) {
            reasons.add(
                    "swap is on and memory cannot be locked; run swapoff -a or set"
                            + " LimitMEMLOCK=infinity");
        }
        if (!telemetry.equals("1")) {
            reasons.add("inference telemetry is on; start with " + TELEMETRY_VARIABLE + "=1");
        }
        judgeVirtualMachine(reasons);
        return reasons.isEmpty() ? new Fit(Posture.BASE, remarks()) : new Unfit(reasons);
    }

    /**
     * A tracer that was there before this process asked not to be dumped is the doing of the root
     * user of this machine, who is inside the trust boundary at this level.
     */
    private List<String> remarks() {
        return tracerPid == 0
                ? List.of()
                : List.of("process " + tracerPid + " traces this one and can read its memory");
    }

    private void judgeVirtualMachine(List<String> reasons) {
        require(reasons, "DisableAttachMechanism", "true");
        require(reasons, "HeapDumpOnOutOfMemoryError", "false");
        require(reasons, "HeapDumpBeforeFullGC", "false");
        require(reasons, "HeapDumpAfterFullGC", "false");
        require(reasons, "SuppressFatalErrorMessage", "true"); // a crash report shows stack bytes
        require(reasons, "OnError", "");
        require(reasons, "OnOutOfMemoryError", "");
        for (String argument : arguments) {
            for (String agent : AGENTS) {
                if (argument.startsWith(agent)) {
                    reasons.add("an agent or debugger is loaded; start without " + agent);
                }
            }
        }
    }

    private void require(List<String> reasons, String flag, String expected) {
        String actual = flags.getOrDefault(flag, expected); // a flag this VM lacks has no effect
        if (!actual.equals(expected)) {
            reasons.add("virtual machine flag " + flag + " is not " + option(flag, expected));
        }
    }

    private static String option(String flag, String expected) {
        return switch (expected) {
            case "true" -> "set; start with -XX:+" + flag;
            case "false" -> "off; start with -XX:-" + flag;
            default -> "empty; start without -XX:" + flag + "=…";
        };
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

    private static Map<String, String> readFlags() {
        var diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return FLAGS.stream()
                .flatMap(flag -> value(diagnostics, flag))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Stream<Map.Entry<String, String>> value(
            HotSpotDiagnosticMXBean diagnostics, String flag) {
        try {
            return Stream.of(Map.entry(flag, diagnostics.getVMOption(flag).getValue()));
        } catch (IllegalArgumentException absent) {
            return Stream.empty();
        }
    }
}
