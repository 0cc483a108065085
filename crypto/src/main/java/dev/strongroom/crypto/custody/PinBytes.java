package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** What every source does with the bytes it read: one line end off, and a length that can be. */
final class PinBytes {
    /** The longest PIN of a known module (SoftHSM2). */
    static final int MAX = 255;

    /** Room for the longest PIN, its line end and one byte that shows there are more. */
    static final int BUFFER = MAX + 2;

    private PinBytes() {}

    /**
     * The PIN in a filled buffer; zeroes the buffer when it refuses.
     *
     * @param source what to call it in a refusal
     */
    static MemorySegment of(MemorySegment buffer, int read, String source) throws CustodyException {
        int length = withoutLineEnd(buffer, read);
        if (length == 0 || length > MAX) {
            buffer.fill((byte) 0);
            throw notUsable(source, "expected 1 to " + MAX + " bytes, got " + bytes(length), null);
        }
        return buffer.asSlice(0, length);
    }

    private static String bytes(int length) {
        return length > MAX ? "more" : "none";
    }

    private static int withoutLineEnd(MemorySegment pin, int length) {
        return length > 0 && pin.get(ValueLayout.JAVA_BYTE, length - 1L) == '\n'
                ? length - 1
                : length;
    }

    static CustodyException notUsable(String source, String what, @Nullable Throwable cause) {
        return new CustodyException(Reason.PIN_NOT_USABLE, source + ": " + what, cause);
    }
}
