package dev.strongroom.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is special about one start of a vault or node.
 *
 * @param prefix a tool to run it under, such as strace with its options
 * @param environment further variables
 * @param jvmOptions such as {@code -Dstrongroom.fault=BATCH_MADE}
 */
record Launch(List<String> prefix, Map<String, String> environment, List<String> jvmOptions) {
    /**
     * Halves the processor time of a start: what lives for a test has little use for the optimising
     * compiler, unless the test looks at what it leaves in memory.
     */
    static final String QUICK = "-XX:TieredStopAtLevel=1";

    private static final String OPTIMISED = "-XX:TieredStopAtLevel=4";

    Launch {
        prefix = List.copyOf(prefix);
        environment = Map.copyOf(environment);
        jvmOptions = List.copyOf(jvmOptions);
    }

    static Launch plain() {
        return new Launch(List.of(), Map.of(), List.of());
    }

    /** With the optimising compiler, as a user starts it. */
    static Launch optimised() {
        return plain().withJvmOptions(OPTIMISED);
    }

    /** The process halts at this point of {@code dev.strongroom.vault.fault.FaultPoint}. */
    static Launch failingAt(String faultPoint) {
        return plain().withJvmOptions("-Dstrongroom.fault=" + faultPoint);
    }

    Launch withPrefix(String... tool) {
        return new Launch(List.of(tool), environment, jvmOptions);
    }

    Launch withJvmOptions(String... options) {
        List<String> all = new ArrayList<>(jvmOptions);
        all.addAll(List.of(options));
        return new Launch(prefix, environment, all);
    }

    Launch with(String variable, String value) {
        var more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new Launch(prefix, more, jvmOptions);
    }
}
