package dev.strongroom.vault;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.vault.refusal.StartupException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A vault that was started, in this process or in one of its own. */
interface RunningVault {
    String grpcAddress();

    String httpAddress();

    void stop();

    static RunningVault here(VaultConfig config, TrustAnchors anchors, InstantSource clock)
            throws StartupException {
        Vault vault = Vault.start(config, anchors, clock);
        return new RunningVault() {
            @Override
            public String grpcAddress() {
                return vault.grpcAddress();
            }

            @Override
            public String httpAddress() {
                return vault.httpAddress();
            }

            @Override
            public void stop() {
                vault.close();
            }
        };
    }

    /** A vault process of its own, which a fault point or a signal may end. */
    final class Child implements RunningVault {
        private static final Pattern ADDRESS = Pattern.compile("\"(grpc|http)\":\"([^\"]+)\"");
        private static final long PATIENCE_SECONDS = 60;

        private final Process process;
        private final String line;

        private Child(Process process, String line) {
            this.process = process;
            this.line = line;
        }

        /**
         * Starts a child and waits for its first line.
         *
         * @param fileBlocks largest file it may write, in KiB; 0 for any
         */
        static Child start(
                Map<String, String> environment,
                List<String> jvmOptions,
                int fileBlocks,
                String... arguments) {
            var command = new ArrayList<String>();
            if (fileBlocks > 0) {
                command.addAll(
                        List.of("bash", "-c", "ulimit -f " + fileBlocks + "; exec \"$@\"", "-"));
            }
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(
                    List.of(
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:-UsePerfData",
                            "--enable-native-access=ALL-UNNAMED",
                            "--sun-misc-unsafe-memory-access=allow"));
            command.addAll(jvmOptions);
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            command.add(TestVaultMain.class.getName());
            command.addAll(Arrays.asList(arguments));
            try {
                var builder = new ProcessBuilder(command);
                builder.environment().putAll(environment);
                builder.redirectError(ProcessBuilder.Redirect.INHERIT);
                Process process = builder.start();
                return new Child(process, firstLine(process));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private static String firstLine(Process process) throws IOException {
            var out =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
            String line = out.readLine();
            return line == null ? "" : line;
        }

        String line() {
            return line;
        }

        long pid() {
            return process.pid();
        }

        /** Waits for the process to end by itself. */
        int exitCode() {
            try {
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException("the vault's process did not end");
                }
                return process.exitValue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String grpcAddress() {
            return address("grpc");
        }

        @Override
        public String httpAddress() {
            return address("http");
        }

        private String address(String name) {
            Matcher matcher = ADDRESS.matcher(line);
            while (matcher.find()) {
                if (matcher.group(1).equals(name)) {
                    return matcher.group(2);
                }
            }
            throw new IllegalStateException("no address " + name + " in: " + line);
        }

        /** As a power cut would. */
        @Override
        public void stop() {
            process.destroyForcibly();
            exitCode();
        }
    }
}
