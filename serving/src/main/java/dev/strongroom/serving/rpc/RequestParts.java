package dev.strongroom.serving.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * How many pieces a ModelInferRequest has, before any of them becomes an object: two bytes on the
 * wire can be a hundred on the heap. Elements of typed contents are not pieces, since they are kept
 * as numbers.
 */
final class RequestParts {
    /** A thousand tensors with their names, types, shapes and some parameters. */
    static final int MOST = 16_384;

    private static final int MOST_SHAPE_BYTES = 1024;

    /** The messages that a request is made of; the fields of a {@code LEAF} are none. */
    private enum Level {
        REQUEST,
        INPUT,
        OUTPUT,
        PARAMETER,
        VALUE,
        CONTENTS,
        LEAF;

        Level inside(int field) {
            return switch (this) {
                case REQUEST ->
                        switch (field) {
                            case 4 -> PARAMETER;
                            case 5 -> INPUT;
                            case 6 -> OUTPUT;
                            default -> LEAF;
                        };
                case INPUT ->
                        switch (field) {
                            case 4 -> PARAMETER;
                            case 5 -> CONTENTS;
                            default -> LEAF;
                        };
                case OUTPUT -> field == 2 ? PARAMETER : LEAF;
                case PARAMETER -> field == 2 ? VALUE : LEAF;
                case VALUE, CONTENTS, LEAF -> LEAF;
            };
        }

        boolean isShape(int field) {
            return this == INPUT && field == 3;
        }

        boolean isElements(int field) {
            return this == CONTENTS && field <= 8;
        }
    }

    private final CodedInputStream in;
    private int parts;

    private RequestParts(byte[] message) {
        this.in = CodedInputStream.newInstance(message);
    }

    /**
     * Whether there are no more than {@link #MOST}.
     *
     * @throws IOException if it is no message at all
     */
    static boolean areFew(byte[] message) throws IOException {
        return new RequestParts(message).few(Level.REQUEST);
    }

    private boolean few(Level level) throws IOException {
        int tag;
        while ((tag = in.readTag()) != 0) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (!level.isElements(field) && ++parts > MOST) {
                return false;
            }
            switch (WireFormat.getTagWireType(tag)) {
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                    int bytes = in.readRawVarint32();
                    boolean tooLong = level.isShape(field) && bytes > MOST_SHAPE_BYTES;
                    if (tooLong || !fewInside(level.inside(field), bytes)) {
                        return false;
                    }
                }
                case WireFormat.WIRETYPE_START_GROUP, WireFormat.WIRETYPE_END_GROUP -> {
                    return false; // the protocol has none, and what is inside would be kept
                }
                default -> in.skipField(tag);
            }
        }
        return true;
    }

    private boolean fewInside(Level inside, int bytes) throws IOException {
        if (inside == Level.LEAF) {
            in.skipRawBytes(bytes);
            return true;
        }
        int outer = in.pushLimit(bytes);
        boolean few = few(inside);
        in.popLimit(outer);
        return few;
    }
}
