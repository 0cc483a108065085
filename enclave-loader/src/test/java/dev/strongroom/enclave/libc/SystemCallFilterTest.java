package dev.strongroom.enclave.libc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.enclave.posture.ChildJvm;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "a filter for x86-64")
class SystemCallFilterTest {
    private static final int EPERM = 1;

    @Test
    void deniesEachCallOnThreadsThatWereThereBefore() throws Exception {
        List<String> lines =
                ChildJvm.run(FilteredProcess.class, List.of(), List.of()).lines().toList();
        assertThat(lines)
                .contains("GETPPID before=0", "GETPPID after=0", "PROGRAM after=false")
                .contains("SET_DUMPABLE after=" + EPERM)
                .contains("EXECVE before=14") // EFAULT: the kernel looked at its arguments
                .containsAll(
                        Arrays.stream(DeniedCall.values())
                                .map(call -> call + " after=" + EPERM)
                                .toList());
    }

    @Test
    void eachCallHasANumberOfItsOwn() {
        assertThat(Arrays.stream(DeniedCall.values()).map(DeniedCall::number))
                .doesNotHaveDuplicates();
    }
}
