package dev.strongroom.testkit.hunt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A process to be hunted. It plants a needle where it is told, XORing two halves that mean nothing
 * byte by byte into place, so that the only copies are the planted ones; then it waits for its
 * standard input to end.
 */
final class Prey implements AutoCloseable {
    private final Process process;

    private Prey(Process process) {
        this.process = process;
    }

    /** Starts one; {@code plan}: kind, bytes, offset of the needle; see {@link #main}. */
    static Prey start(byte[] needle, String... plan) throws IOException {
        byte[] pad = new byte[needle.length];
        byte[] rest = new byte[needle.length];
        for (int i = 0; i < needle.length; i++) {
            pad[i] = (byte) (i * 37 + 11);
            rest[i] = (byte) (needle[i] ^ pad[i]);
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Prey.class.getName(),
                                HexFormat.of().formatHex(pad),
                                HexFormat.of().formatHex(rest)));
        command.addAll(List.of(plan));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
        String line = out.readLine();
        if (!"ready".equals(line)) {
            process.destroyForcibly();
            throw new IOException("the prey did not get ready");
        }
        return new Prey(process);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /**
     * Arguments: two halves, then nothing, or {@code anonymous|locked BYTES OFFSET}, or {@code
     * loads FILE}.
     */
    public static void main(String[] arguments) throws Throwable {
        MemorySegment planted = MemorySegment.NULL;
        Needles loaded = null;
        if (arguments.length > 2) {
            switch (arguments[2]) {
                case "loads" -> loaded = Needles.load(Path.of(arguments[3]));
                default -> planted = plant(arguments);
            }
        }
        System.out.println("ready");
        new InputStreamReader(System.in, StandardCharsets.US_ASCII).read();
        // Both are alive until here.
        System.out.println(planted.byteSize() + " " + loaded);
    }

    // The C library's own functions, with the signatures of its manual pages.
    @SuppressWarnings("restricted")
    private static MemorySegment plant(String[] arguments) throws Throwable {
        byte[] pad = HexFormat.of().parseHex(arguments[0]);
        byte[] rest = HexFormat.of().parseHex(arguments[1]);
        MemorySegment memory = Arena.global().allocate(Long.parseLong(arguments[3]), 4096);
        if (arguments[2].equals("locked")) {
            Linker linker = Linker.nativeLinker();
            int code =
                    (int)
                            linker.downcallHandle(
                                            linker.defaultLookup().findOrThrow("mlock"),
                                            FunctionDescriptor.of(
                                                    ValueLayout.JAVA_INT,
                                                    ValueLayout.ADDRESS,
                                                    ValueLayout.JAVA_LONG))
                                    .invokeExact(memory, memory.byteSize());
            if (code != 0) {
                throw new IOException("mlock refused");
            }
        }
        long offset = Long.parseLong(arguments[4]);
        for (int i = 0; i < pad.length; i++) {
            memory.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (pad[i] ^ rest[i]));
        }
        return memory;
    }
}
