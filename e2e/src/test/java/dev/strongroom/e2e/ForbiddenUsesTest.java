package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The uses that the design rules out are refused by the compiler, each for the one line that
 * commits it: without that line the same snippet compiles.
 */
final class ForbiddenUsesTest {
    @TempDir Path classes;
    @TempDir Path snippets;

    /**
     * A source file as part of one of our modules.
     *
     * @param module whose package the snippet is put into
     * @param code with the forbidden line marked by a trailing comment
     * @param diagnostic the compiler's code for the refusal
     */
    record Snippet(String name, String module, String code, String diagnostic) {
        @Override
        public String toString() {
            return name;
        }

        String withoutForbiddenLine() {
            return code.lines()
                    .filter(line -> !line.contains("// forbidden"))
                    .collect(Collectors.joining("\n"));
        }
    }

    static Stream<Snippet> snippets() {
        return Stream.of(
                new Snippet(
                        "vault uses the opener",
                        "dev.strongroom.vault",
                        """
                        package dev.strongroom.vault;
                        class Snippet {
                            void open() {
                                dev.strongroom.crypto.open.Opener opener = null; // forbidden
                            }
                        }
                        """,
                        "compiler.err.package.not.visible"),
                new Snippet(
                        "vault uses a secret segment",
                        "dev.strongroom.vault",
                        """
                        package dev.strongroom.vault;
                        class Snippet {
                            void read() {
                                dev.strongroom.enclave.memory.SecretSegment secret = null; // forbidden
                            }
                        }
                        """,
                        "compiler.err.package.not.visible"),
                new Snippet(
                        "serving uses custody",
                        "dev.strongroom.serving",
                        """
                        package dev.strongroom.serving;
                        class Snippet {
                            void rewrap() {
                                dev.strongroom.crypto.custody.KeyCustodian custodian = null; // forbidden
                            }
                        }
                        """,
                        "compiler.err.package.not.visible"),
                new Snippet(
                        "anyone mints an attestation",
                        "dev.strongroom.vault",
                        """
                        package dev.strongroom.vault;
                        import dev.strongroom.attestation.*;
                        class Snippet {
                            Attested<EnclaveKey> mint(
                                    EnclaveKey key, Transcript transcript, Claims claims, Digest digest) {
                                Attested<EnclaveKey> attested = null;
                                attested = new Attested<>(key, transcript, claims, digest); // forbidden
                                return attested;
                            }
                        }
                        """,
                        "compiler.err.not.def.public.cant.access"),
                new Snippet(
                        "custody releases to an unattested key",
                        "dev.strongroom.vault",
                        """
                        package dev.strongroom.vault;
                        import dev.strongroom.attestation.EnclaveKey;
                        import dev.strongroom.crypto.custody.*;
                        class Snippet {
                            void release(KeyCustodian custodian, WrappedKey.AtRest key, EnclaveKey node)
                                    throws Exception {
                                custodian.releaseTo(key, node); // forbidden
                            }
                        }
                        """,
                        "compiler.err.prob.found.req"));
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void doesNotCompile(Snippet snippet) throws IOException {
        assertThat(errors(snippet.module(), snippet.code())).containsExactly(snippet.diagnostic());
        assertThat(errors(snippet.module(), snippet.withoutForbiddenLine())).isEmpty();
    }

    private List<String> errors(String module, String code) throws IOException {
        Path source = Files.writeString(snippets.resolve("Snippet.java"), code);
        var compiler = ToolProvider.getSystemJavaCompiler();
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        try (var files = compiler.getStandardFileManager(diagnostics, Locale.ROOT, null)) {
            var units = files.getJavaFileObjects(source);
            compiler.getTask(null, files, diagnostics, options(module), null, units).call();
        }
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(Diagnostic::getCode)
                .toList();
    }

    /** The snippet joins the module as if it stood there; nothing is added to what it reads. */
    private List<String> options(String module) {
        String modulePath =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(entry -> !entry.contains("test-classes"))
                        .collect(Collectors.joining(File.pathSeparator));
        return List.of(
                "-proc:none",
                "-d",
                classes.toString(),
                "--module-path",
                modulePath,
                "--add-modules",
                module,
                "--patch-module",
                module + "=" + snippets);
    }
}
