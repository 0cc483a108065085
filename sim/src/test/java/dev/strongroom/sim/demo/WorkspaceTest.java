package dev.strongroom.sim.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is left of a demo that was killed. */
class WorkspaceTest {
    /** Makes a workspace, says where, and stays until it is killed. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] none) throws Exception {
            Workspace made = Workspace.create();
            System.out.println(made.owner());
            System.out.println(made.rest());
            System.in.read(); // nobody writes
        }
    }

    @Test
    void theNextOneDeletesWhatAKilledOneLeftAndNothingOfOneThatLives() throws Exception {
        Process process = start();
        List<Path> left;
        try (var _ = Workspace.create()) {
            var lines = process.inputReader(StandardCharsets.UTF_8);
            left = List.of(Path.of(lines.readLine()), Path.of(lines.readLine()));
            Workspace.create().close();
            assertThat(left).allMatch(Files::isDirectory);
        } finally {
            process.destroyForcibly().onExit().join();
        }
        assertThat(left).allMatch(Files::isDirectory);

        Workspace.create().close();

        assertThat(left).noneMatch(Files::exists);
    }

    @Test
    void severalOfOneProcessKeepTheirs() throws Exception {
        try (var one = Workspace.create();
                var other = Workspace.create()) {
            Workspace.create().close();
            assertThat(List.of(one.owner(), one.rest(), other.owner(), other.rest()))
                    .doesNotHaveDuplicates()
                    .allMatch(Files::isDirectory);
        }
    }

    /** It may be anybody's, and be used. */
    @Test
    void whatHasNoLockStays() throws Exception {
        try (var one = Workspace.create()) {
            Path alike = Files.createTempDirectory(one.owner().getParent(), "strongroom-owner-");
            Workspace.create().close();
            assertThat(alike).isDirectory();
            Files.delete(alike);
        }
    }

    private static Process start() throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Killed.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
