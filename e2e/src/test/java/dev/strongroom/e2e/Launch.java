package dev.strongroom.e2e;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is special about one start of a vault or node.
 *
 * @param prefix a tool to run it under, such as strace with its options
 * @param environment further variables
 * @param jvmOptions such as {@code -Dstrongroom.fault=BATCH_AUDITED}
 */
record Launch(List<String> prefix, Map<String, String> environment, List<String> jvmOptions) {
    Launch {
        prefix = List.copyOf(prefix);
        environment = Map.copyOf(environment);
        jvmOptions = List.copyOf(jvmOptions);
    }

    static Launch plain() {
        return new Launch(List.of(), Map.of(), List.of());
    }

    /** The process halts at this point of {@code dev.strongroom.vault.fault.FaultPoint}. */
    static Launch failingAt(String faultPoint) {
        return plain().withJvmOptions("-Dstrongroom.fault=" + faultPoint);
    }

    Launch withPrefix(String... tool) {
        return new Launch(List.of(tool), environment, jvmOptions);
    }

    Launch withJvmOptions(String... options) {
        return new Launch(prefix, environment, List.of(options));
    }

    Launch with(String variable, String value) {
        var more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new Launch(prefix, more, jvmOptions);
    }
}
