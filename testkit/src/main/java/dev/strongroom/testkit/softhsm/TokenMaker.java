package dev.strongroom.testkit.softhsm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Initialises tokens through the module itself, since softhsm2-util need not be installed. */
final class TokenMaker {
    private static final long CKU_SO = 0;
    private static final long SERIAL_RW = 6;
    private static final long TOKEN_INITIALIZED = 1 << 10;
    private static final long TOKEN_INFO_BYTES = 208;
    private static final int CHILD_SECONDS = 60;

    private final Linker linker = Linker.nativeLinker();
    private final MemorySegment functions;

    // This class is a C caller; the tests' JVM enables native access.
    @SuppressWarnings("restricted")
    private TokenMaker(Path module) {
        MemorySegment entry =
                SymbolLookup.libraryLookup(module, Arena.global())
                        .find("C_GetFunctionList")
                        .orElseThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            call("C_GetFunctionList", entry, pointer);
            functions = pointer.get(ADDRESS, 0).reinterpret(8 + 68 * ADDRESS.byteSize());
            MemorySegment arguments = arena.allocate(48, 8);
            arguments.set(JAVA_LONG, 32, 2L); // CKF_OS_LOCKING_OK
            call("C_Initialize", function(0), arguments);
        }
    }

    /** For a JVM that opens its tokens itself. */
    static TokenMaker inThisProcess(Path module, Path configuration) {
        setEnvironment("SOFTHSM2_CONF", configuration.toString());
        return new TokenMaker(module);
    }

    /** Makes one token in a JVM of its own and gives its serial number. */
    static String inChild(Path module, Path configuration, String label, Path pin)
            throws IOException {
        var builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        SoftHsm.ownLocation().toString(),
                        TokenMaker.class.getName(),
                        module.toString(),
                        label,
                        pin.toString());
        builder.environment().put("SOFTHSM2_CONF", configuration.toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process child = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String serial = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!child.waitFor(CHILD_SECONDS, TimeUnit.SECONDS) || child.exitValue() != 0) {
                throw new IllegalStateException("SoftHSM2 did not make a token in its own process");
            }
        } catch (InterruptedException e) {
            child.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while SoftHSM2 made a token", e);
        }
        return serial.strip();
    }

    public static void main(String[] args) throws IOException {
        System.out.println(new TokenMaker(Path.of(args[0])).make(args[1], Path.of(args[2])));
    }

    /** Initialises a free slot; the security officer's PIN is the user's. */
    String make(String label, Path pinFile) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pin = arena.allocateFrom(JAVA_BYTE, Files.readAllBytes(pinFile));
            long pinBytes = pin.byteSize();
            long slot = freeSlot(arena);
            call("C_InitToken", function(9), slot, pin, pinBytes, blankPadded(arena, label));
            MemorySegment session = arena.allocate(JAVA_LONG);
            MemorySegment none = MemorySegment.NULL;
            call("C_OpenSession", function(12), slot, SERIAL_RW, none, none, session);
            long handle = session.get(JAVA_LONG, 0);
            call("C_Login", function(18), handle, CKU_SO, pin, pinBytes);
            call("C_InitPIN", function(10), handle, pin, pinBytes);
            call("C_Logout", function(19), handle);
            call("C_CloseSession", function(13), handle);
            return serial(tokenInfo(arena, slot));
        }
    }

    private long freeSlot(Arena arena) {
        for (long slot : slots(arena)) {
            MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, 8);
            long result = invoke(linker, function(6), JAVA_LONG, slot, info);
            // A slot whose token a test took away answers with an error.
            if (result == 0 && (info.get(JAVA_LONG, 96) & TOKEN_INITIALIZED) == 0) {
                return slot;
            }
        }
        throw new IllegalStateException("SoftHSM2 offers no free slot");
    }

    private long[] slots(Arena arena) {
        MemorySegment count = arena.allocate(JAVA_LONG);
        call("C_GetSlotList", function(4), (byte) 1, MemorySegment.NULL, count);
        MemorySegment slots = arena.allocate(JAVA_LONG, count.get(JAVA_LONG, 0));
        call("C_GetSlotList", function(4), (byte) 1, slots, count);
        return slots.toArray(JAVA_LONG);
    }

    private MemorySegment tokenInfo(Arena arena, long slot) {
        MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, 8);
        call("C_GetTokenInfo", function(6), slot, info);
        return info;
    }

    private static String serial(MemorySegment tokenInfo) {
        return text(tokenInfo, 80, 16);
    }

    private static String text(MemorySegment structure, long offset, long length) {
        byte[] bytes = structure.asSlice(offset, length).toArray(JAVA_BYTE);
        return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
    }

    private static MemorySegment blankPadded(Arena arena, String label) {
        byte[] padded = new byte[32];
        Arrays.fill(padded, (byte) ' ');
        byte[] utf8 = label.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(utf8, 0, padded, 0, utf8.length);
        return arena.allocateFrom(JAVA_BYTE, padded);
    }

    private MemorySegment function(int index) {
        return functions.get(ADDRESS, 8 + index * ADDRESS.byteSize());
    }

    private void call(String name, MemorySegment address, Object... arguments) {
        long result = invoke(linker, address, JAVA_LONG, arguments);
        if (result != 0) {
            throw new IllegalStateException("%s: CKR 0x%x".formatted(name, result));
        }
    }

    private static void setEnvironment(String name, String value) {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            invoke(
                    linker,
                    linker.defaultLookup().find("setenv").orElseThrow(),
                    JAVA_INT,
                    arena.allocateFrom(name),
                    arena.allocateFrom(value),
                    1);
        }
    }

    // As above.
    @SuppressWarnings("restricted")
    private static long invoke(
            Linker linker, MemorySegment address, MemoryLayout result, Object... arguments) {
        MemoryLayout[] layouts =
                Arrays.stream(arguments).map(TokenMaker::layout).toArray(MemoryLayout[]::new);
        MethodHandle handle =
                linker.downcallHandle(address, FunctionDescriptor.of(result, layouts))
                        .asSpreader(Object[].class, arguments.length)
                        .asType(MethodType.methodType(long.class, Object[].class));
        try {
            return (long) handle.invokeExact(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("native call", e);
        }
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case Long _ -> JAVA_LONG;
            case Integer _ -> JAVA_INT;
            case Byte _ -> JAVA_BYTE;
            case MemorySegment _ -> ADDRESS;
            default -> throw new IllegalArgumentException(argument.getClass().getName());
        };
    }
}
