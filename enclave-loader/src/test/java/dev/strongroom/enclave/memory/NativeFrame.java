package dev.strongroom.enclave.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;

/**
 * A function in machine code (x86-64, System V) that copies bytes into a local array and returns
 * without clearing it, as ONNX Runtime's kernels do. No compiler decides what its frame holds:
 *
 * <pre>
 * mov rax, rsp      ; rdi: source, rsi: bytes, rdx: how far below the caller
 * sub rsp, rdx
 * sub rsp, rsi
 * mov rcx, rsi
 * mov rsi, rdi
 * mov rdi, rsp
 * mov r8, rsp
 * rep movsb
 * mov rsp, rax
 * mov rax, r8       ; where the array was
 * ret
 * </pre>
 */
// Calling machine code is what this class is for.
@SuppressWarnings("restricted")
final class NativeFrame {
    private static final byte[] CODE =
            HexFormat.of().parseHex("4889e04829d44829f44889f14889fe4889e74989e0f3a44889c44c89c0c3");
    private static final long PAGE = 4096;
    private static final int READ_WRITE = 1 | 2;
    private static final int READ_EXECUTE = 1 | 4;
    private static final int PRIVATE_ANONYMOUS = 0x02 | 0x20;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle FUNCTION = function();

    private NativeFrame() {}

    /**
     * Runs it.
     *
     * @param gap between this call and the array
     * @return address of the array, dead by now
     */
    static long copyOntoTheStack(byte[] content, long gap) {
        try (var arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(JAVA_BYTE, content);
            return (long) FUNCTION.invokeExact(source, (long) content.length, gap);
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    private static MethodHandle function() {
        try {
            MethodHandle mmap =
                    libc(
                            "mmap",
                            FunctionDescriptor.of(
                                    ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                                    JAVA_LONG));
            MethodHandle mprotect =
                    libc("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
            var page =
                    (MemorySegment)
                            mmap.invokeExact(
                                    MemorySegment.NULL,
                                    PAGE,
                                    READ_WRITE,
                                    PRIVATE_ANONYMOUS,
                                    -1,
                                    0L);
            MemorySegment.copy(CODE, 0, page.reinterpret(PAGE), JAVA_BYTE, 0, CODE.length);
            if ((int) mprotect.invokeExact(page, PAGE, READ_EXECUTE) != 0) {
                throw new IllegalStateException("mprotect");
            }
            return LINKER.downcallHandle(
                    page, FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG));
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }

    private static MethodHandle libc(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }
}
