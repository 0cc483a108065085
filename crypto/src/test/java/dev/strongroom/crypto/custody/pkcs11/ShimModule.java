package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.strongroom.testkit.softhsm.SoftHsm;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * SoftHSM2 behind shim.c, which fails as a test tells it to: a module's own answers, calls that do
 * not end and sessions that run out, with real sessions, logins and keys behind them.
 */
final class ShimModule {
    private final Path library;
    private final SymbolLookup symbols;

    // Calling into a C library is what this class is for.
    @SuppressWarnings("restricted")
    private ShimModule(Path library) {
        this.library = library;
        symbols = SymbolLookup.libraryLookup(library, Arena.global());
    }

    /** Empty where no C compiler is. */
    static Optional<ShimModule> compiled() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("strongroom-shim");
        Path source = folder.resolve("shim.c");
        Path library = folder.resolve("libshim.so");
        try (InputStream in = ShimModule.class.getResourceAsStream("shim.c")) {
            Files.copy(Objects.requireNonNull(in), source);
        }
        for (Path file : new Path[] {folder, library, source}) {
            file.toFile().deleteOnExit(); // in the reverse order
        }
        return compile(source, library) ? Optional.of(new ShimModule(library)) : Optional.empty();
    }

    private static boolean compile(Path source, Path library)
            throws IOException, InterruptedException {
        Process compiler;
        try {
            compiler =
                    new ProcessBuilder(
                                    "cc",
                                    "-shared",
                                    "-fPIC",
                                    "-DREAL=\"" + SoftHsm.findModule().orElseThrow() + "\"",
                                    "-o",
                                    library.toString(),
                                    source.toString(),
                                    "-ldl",
                                    "-pthread")
                            .inheritIO()
                            .start();
        } catch (IOException e) {
            return false;
        }
        if (compiler.waitFor() != 0) {
            throw new IllegalStateException("cc did not compile shim.c");
        }
        return true;
    }

    Path library() {
        return library;
    }

    /** The next calls of a function fail with this result and never reach the token. */
    void answer(CkFunction function, long result, long times) {
        call("shim_answer", function.index(), result, times);
    }

    /** From now on calls of a function stay in the module. */
    void hold(CkFunction function) {
        call("shim_hold", function.index());
    }

    /** How many calls are held. */
    long held() {
        return call("shim_inside");
    }

    /** From now on the module opens no session but in place of one that was closed. */
    void giveNoMoreSessions() {
        call("shim_no_more_sessions");
    }

    /** Held calls go on, and all is as it was. */
    void letGo() {
        call("shim_let_go");
    }

    // As above.
    @SuppressWarnings("restricted")
    private long call(String name, Object... arguments) {
        var parameters = new MemoryLayout[arguments.length];
        Arrays.fill(parameters, JAVA_LONG);
        Object[] words =
                Arrays.stream(arguments).map(word -> ((Number) word).longValue()).toArray();
        try {
            // The functions without a result leave any number; nobody looks at it.
            return (long)
                    Linker.nativeLinker()
                            .downcallHandle(
                                    symbols.find(name).orElseThrow(),
                                    FunctionDescriptor.of(JAVA_LONG, parameters))
                            .invokeWithArguments(words);
        } catch (Throwable e) {
            throw new IllegalStateException(name, e);
        }
    }
}
