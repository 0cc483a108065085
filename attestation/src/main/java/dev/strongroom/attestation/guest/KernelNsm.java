package dev.strongroom.attestation.guest;

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
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * {@code /dev/nsm} of the kernel's driver ({@code include/uapi/linux/nsm.h}): one ioctl takes a
 * message of two iovecs, the request and room for the response, whose length the driver writes.
 *
 * <p>Written from the driver's header and AWS's client; no enclave was there to run it in.
 * Thread-safe: every request opens the device anew.
 */
final class KernelNsm implements Nsm {
    static final Path DEVICE = Path.of("/dev/nsm");

    private static final int MAX_REQUEST_BYTES = 0x1000; // NSM_REQUEST_MAX_SIZE
    private static final int MAX_RESPONSE_BYTES = 0x3000; // NSM_RESPONSE_MAX_SIZE
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;

    /** struct nsm_raw: request and response, each an iovec of address and length. */
    private static final StructLayout MESSAGE =
            MemoryLayout.structLayout(
                    ADDRESS.withName("request"),
                    JAVA_LONG.withName("requestBytes"),
                    ADDRESS.withName("response"),
                    JAVA_LONG.withName("responseBytes"));

    /** _IOWR(0x0A, 0, struct nsm_raw) */
    private static final long NSM_IOCTL_RAW = 3L << 30 | MESSAGE.byteSize() << 16 | 0x0A << 8;

    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final MethodHandle OPEN =
            link("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 2);
    private static final MethodHandle IOCTL =
            link("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
    private static final MethodHandle CLOSE =
            link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), 1);

    private final Path device;

    KernelNsm(Path device) {
        this.device = device;
    }

    @Override
    public byte[] process(byte[] request) throws IOException {
        if (request.length > MAX_REQUEST_BYTES) {
            throw new IOException("request: at most " + MAX_REQUEST_BYTES + " bytes");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment path = arena.allocateFrom(device.toString());
            int file = call(OPEN, "open", state, path, O_RDWR | O_CLOEXEC);
            try {
                return exchange(arena, state, file, request);
            } finally {
                call(CLOSE, "close", state, file);
            }
        }
    }

    private byte[] exchange(Arena arena, MemorySegment state, int file, byte[] request)
            throws IOException {
        MemorySegment response = arena.allocate(MAX_RESPONSE_BYTES);
        MemorySegment message = arena.allocate(MESSAGE);
        message.set(ADDRESS, offset("request"), arena.allocateFrom(JAVA_BYTE, request));
        message.set(JAVA_LONG, offset("requestBytes"), request.length);
        message.set(ADDRESS, offset("response"), response);
        message.set(JAVA_LONG, offset("responseBytes"), MAX_RESPONSE_BYTES);
        call(IOCTL, "ioctl", state, file, NSM_IOCTL_RAW, message);
        long length = message.get(JAVA_LONG, offset("responseBytes"));
        if (length < 0 || length > MAX_RESPONSE_BYTES) {
            throw new IOException(device + ": expected at most " + MAX_RESPONSE_BYTES + " bytes");
        }
        return response.asSlice(0, length).toArray(JAVA_BYTE);
    }

    private int call(MethodHandle function, String name, Object... arguments) throws IOException {
        try {
            int result = (int) function.invokeWithArguments(arguments);
            if (result < 0) {
                int errno = ((MemorySegment) arguments[0]).get(JAVA_INT, 0);
                throw new IOException(device + ": " + name + ": errno " + errno);
            }
            return result;
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the call into the C library itself failed", e);
        }
    }

    private static long offset(String field) {
        return MESSAGE.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    // Three functions of the C library; the launcher enables native access for this module.
    @SuppressWarnings("restricted")
    private static MethodHandle link(String name, FunctionDescriptor descriptor, int fixed) {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().findOrThrow(name);
        return fixed == descriptor.argumentLayouts().size()
                ? linker.downcallHandle(address, descriptor, ERRNO)
                : linker.downcallHandle(
                        address, descriptor, ERRNO, Linker.Option.firstVariadicArg(fixed));
    }
}
