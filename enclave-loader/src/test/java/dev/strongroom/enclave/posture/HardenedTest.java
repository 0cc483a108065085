package dev.strongroom.enclave.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Takes each condition away from a process that would be fit otherwise. */
class HardenedTest {
    @BeforeAll
    static void needsMountsOfItsOwn() throws Exception {
        assumeTrue(HardenedWorld.possible(), "unshare and setpriv as root are needed here");
    }

    @Test
    void aProcessAsTheImageStartsItIsFit() throws Exception {
        assertThat(said(world -> world)).isEqualTo("fit HARDENED dumpable=false");
    }

    @Test
    void refusesWritableCodeOptionsAndConfiguration() throws Exception {
        assertThat(said(HardenedWorld::writableRoot))
                .contains("read-only-root=writable")
                .contains("writable-mounts=/")
                .contains("code=writable: /")
                .contains("options=")
                .contains("configuration=");
        assertThat(said(HardenedWorld::writableOptions)).contains("tmp/options is writable");
        assertThat(said(HardenedWorld::writableConfiguration))
                .contains("tmp/node.yaml is writable");
    }

    @Test
    void refusesToRunWhatCanBeWritten() throws Exception {
        assertThat(said(world -> world.executableMount().largeTemporaryFolder()))
                .contains("writable-mounts=/")
                .contains("/writable")
                .contains("temporary-folder=");
    }

    @Test
    void refusesRootAndCapabilities() throws Exception {
        assertThat(said(HardenedWorld::root)).contains("user=root").contains("capabilities=");
        assertThat(said(world -> world.capability("sys_ptrace")))
                .isEqualTo("unfit [capabilities=84000]");
    }

    @Test
    void refusesMemoryThatCannotBeLocked() throws Exception {
        assertThat(said(HardenedWorld::noRightToLock))
                .isEqualTo(
                        "unfit [memory-locked=mlockall failed: ENOMEM, not enough memory or over a"
                                + " limit]");
    }

    @Test
    void refusesEachVariableThatBringsCodeOrOptions() throws Exception {
        List<String> names =
                List.of(
                        "GLIBC_TUNABLES",
                        "JAVA_TOOL_OPTIONS",
                        "JDK_JAVA_OPTIONS",
                        "LD_AUDIT",
                        "LD_LIBRARY_PATH",
                        "LD_PRELOAD",
                        "_JAVA_OPTIONS");
        String said =
                said(world -> {
                    names.forEach(name -> world.variable(name, value(name)));
                    return world;
                });
        assertThat(said)
                .contains("environment=" + String.join(" ", names))
                .contains("options=also -Dbrought=1");
    }

    private static String value(String name) {
        return switch (name) {
            case "GLIBC_TUNABLES" -> "glibc.malloc.check=0";
            case "LD_PRELOAD", "LD_AUDIT" -> "libnone.so";
            case "LD_LIBRARY_PATH" -> "/none";
            default -> "-Dbrought=1";
        };
    }

    @Test
    void refusesOptionsThatAreNotMeasured() throws Exception {
        assertThat(said(world -> world.unmeasured("-Dlogback.configurationFile=/tmp/x.xml")))
                .contains("options=the first argument is not @");
        assertThat(said(world -> world.unmeasured("-XX:Flags=/dev/null")))
                .contains("options=the first argument is not @");
    }

    @Test
    void refusesAgentsAndUnpackedLibrariesEvenWhereMeasured() throws Exception {
        assertThat(
                        said(world ->
                                world.without("-Donnxruntime")
                                        .option(
                                                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n")
                                        .option("-XX:+UsePerfData")
                                        .option("-XX:+CreateCoredumpOnCrash")))
                .contains("agents=-agentlib:")
                .contains("native-libraries=onnxruntime.native.path unset")
                .contains("flag-UsePerfData=true")
                .contains("flag-CreateCoredumpOnCrash=true");
    }

    private static String said(UnaryOperator<HardenedWorld> change) throws Exception {
        try (var world = HardenedWorld.make()) {
            String all = change.apply(world).run();
            return all.lines()
                    .filter(line -> line.startsWith("fit") || line.startsWith("unfit"))
                    .findFirst()
                    .orElse(all);
        }
    }
}
