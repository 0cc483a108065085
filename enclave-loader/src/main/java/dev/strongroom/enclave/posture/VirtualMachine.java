package dev.strongroom.enclave.posture;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this virtual machine says of itself. */
final class VirtualMachine {
    private VirtualMachine() {}

    /** Options from the command line, its argument files and the environment, in order. */
    static List<String> arguments() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    /** The values in force; a flag that this virtual machine lacks is left out. */
    static Map<String, String> flags(List<String> names) {
        var diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return names.stream()
                .flatMap(name -> value(diagnostics, name))
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
