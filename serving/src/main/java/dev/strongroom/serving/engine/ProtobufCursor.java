package dev.strongroom.serving.engine;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Walks the protobuf wire format in place, so that a graph in protected memory is read without a
 * copy in the Java heap. Every length is checked against the enclosing message before use.
 *
 * <p>Not thread-safe.
 */
final class ProtobufCursor {
    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_LENGTH = 2;
    private static final int WIRE_FIXED32 = 5;
    private static final int MAX_VARINT_BYTES = 10;

    private final ByteBuffer bytes; // of the whole model: a new process reads these fastest
    private final int end;
    private int position;
    private int field;
    private int wire;

    private ProtobufCursor(ByteBuffer bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** Over a serialised model, which stays where it is. */
    static ProtobufCursor over(MemorySegment model) throws UnservableModelException {
        if (model.byteSize() > Integer.MAX_VALUE) {
            throw new UnservableModelException("graph: more than 2 GiB");
        }
        return new ProtobufCursor(model.asByteBuffer(), 0, Math.toIntExact(model.byteSize()));
    }

    /** Moves to the next field; false at the end of the message. */
    boolean next() throws UnservableModelException {
        if (position == end) {
            return false;
        }
        long tag = readVarint();
        field = (int) (tag >>> 3);
        wire = (int) (tag & 7);
        if (field <= 0 || tag >>> 3 > 0x1fff_ffff) {
            throw malformed();
        }
        return true;
    }

    int field() {
        return field;
    }

    /** The value of a varint field. */
    long varint() throws UnservableModelException {
        requireWire(WIRE_VARINT);
        return readVarint();
    }

    boolean packed() {
        return wire == WIRE_LENGTH;
    }

    /** The content of a length-delimited field as a message of its own. */
    ProtobufCursor message() throws UnservableModelException {
        int length = delimited();
        return new ProtobufCursor(bytes, position - length, position);
    }

    /** A string field, refused above {@code maxBytes}. */
    String text(int maxBytes) throws UnservableModelException {
        int length = delimited();
        if (length > maxBytes) {
            throw new UnservableModelException(
                    "graph: a name of more than " + maxBytes + " bytes is not supported");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(bytes.slice(position - length, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed();
        }
    }

    boolean atEnd() {
        return position == end;
    }

    /** One element of a packed field whose content this cursor walks. */
    long packedVarint() throws UnservableModelException {
        return readVarint();
    }

    void skip() throws UnservableModelException {
        switch (wire) {
            case WIRE_VARINT -> readVarint();
            case WIRE_FIXED64 -> advance(Long.BYTES);
            case WIRE_FIXED32 -> advance(Integer.BYTES);
            case WIRE_LENGTH -> delimited();
            default -> throw malformed(); // groups ended with proto2's first years
        }
    }

    /** Passes the content of a length-delimited field and answers how long it is. */
    private int delimited() throws UnservableModelException {
        requireWire(WIRE_LENGTH);
        long length = readVarint();
        advance(length);
        return (int) length;
    }

    private void advance(long length) throws UnservableModelException {
        if (length < 0 || length > end - position) {
            throw malformed();
        }
        position += (int) length;
    }

    private long readVarint() throws UnservableModelException {
        long value = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            if (position == end) {
                throw malformed();
            }
            byte b = bytes.get(position++);
            value |= (long) (b & 0x7f) << (7 * i);
            if (b >= 0) {
                return value;
            }
        }
        throw malformed();
    }

    private void requireWire(int expected) throws UnservableModelException {
        if (wire != expected) {
            throw malformed();
        }
    }

    private static UnservableModelException malformed() {
        return new UnservableModelException(
                "graph: not an ONNX model (a field is cut off or of the wrong kind)");
    }
}
