package dev.strongroom.serving.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RequestSize;
import java.io.IOException;

/**
 * How many pieces a ModelInferRequest has, before any of them becomes an object: two bytes on the
 * wire can be a hundred on the heap. Elements of typed contents are not pieces, since they are kept
 * as numbers; what those take is counted apart, because one byte of a packed integer becomes eight.
 */
final class RequestParts {
    /** A thousand tensors with their names, types, shapes and some parameters. */
    static final int MOST = 16_384;

    /** Of one input, however many fields they come in: each is a byte that becomes eight. */
    static final int MOST_DIMENSIONS = InferenceRequest.MAX_RANK;

    private static final int BOOLS = 1; // fields of InferTensorContents
    private static final int INTS = 2;
    private static final int UINTS = 4;
    private static final int FLOATS = 6;
    private static final int DOUBLES = 7;
    private static final int STRINGS = 8;

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

        /** What comes in another way is unknown to the parser, which keeps an object of each. */
        boolean isElements(int field, int wireType) {
            return this == CONTENTS
                    && field <= STRINGS
                    && (wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED
                            || wireType == ownWireType(field));
        }
    }

    /** What is to become of a message. */
    enum Verdict {
        FITS,
        TOO_MANY,
        TOO_LARGE
    }

    private final byte[] message;
    private final CodedInputStream in;
    private int parts;
    private long elementBytes;

    private RequestParts(byte[] message) {
        this.message = message;
        this.in = CodedInputStream.newInstance(message);
    }

    /**
     * Whether there are no more than {@link #MOST}, and its elements take no more than they may.
     *
     * @param mostElementBytes in memory
     * @throws IOException if it is no message at all
     */
    static Verdict judge(byte[] message, long mostElementBytes) throws IOException {
        var request = new RequestParts(message);
        if (!request.few(Level.REQUEST)) {
            return Verdict.TOO_MANY;
        }
        return request.elementBytes > mostElementBytes ? Verdict.TOO_LARGE : Verdict.FITS;
    }

    private boolean few(Level level) throws IOException {
        long dimensions = 0;
        int tag;
        while ((tag = in.readTag()) != 0) {
            int field = WireFormat.getTagFieldNumber(tag);
            int wireType = WireFormat.getTagWireType(tag);
            boolean elements = level.isElements(field, wireType);
            if (elements) {
                elementBytes += width(field);
            } else if (++parts > MOST) {
                return false;
            }
            switch (wireType) {
                case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                    int bytes = in.readRawVarint32();
                    if (elements) {
                        elementBytes += packed(field, bytes);
                    }
                    if (level.isShape(field)) {
                        dimensions += varints(bytes);
                    }
                    if (!fewInside(level.inside(field), bytes)) {
                        return false;
                    }
                }
                case WireFormat.WIRETYPE_START_GROUP, WireFormat.WIRETYPE_END_GROUP -> {
                    return false; // the protocol has none, and what is inside would be kept
                }
                default -> {
                    dimensions += level.isShape(field) ? 1 : 0;
                    in.skipField(tag);
                }
            }
            if (dimensions > MOST_DIMENSIONS) {
                return false;
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

    /** How one element comes by itself. */
    private static int ownWireType(int field) {
        return switch (field) {
            case FLOATS -> WireFormat.WIRETYPE_FIXED32;
            case DOUBLES -> WireFormat.WIRETYPE_FIXED64;
            case STRINGS -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
            default -> WireFormat.WIRETYPE_VARINT;
        };
    }

    /** What one element takes in memory, by the number of its field. */
    private static int width(int field) {
        return switch (field) {
            case BOOLS -> 1;
            case INTS, UINTS, FLOATS -> Integer.BYTES;
            case STRINGS -> RequestSize.STRING_BYTES;
            default -> Long.BYTES;
        };
    }

    /** What the elements of one field take that come in so many bytes from here on. */
    private long packed(int field, int bytes) {
        return switch (field) {
            case FLOATS, DOUBLES, STRINGS -> bytes;
            default -> width(field) * varints(bytes);
        };
    }

    /** How many integers so many bytes from here on are: each ends with a byte that says so. */
    private long varints(int bytes) {
        int from = in.getTotalBytesRead();
        int to = (int) Math.min(message.length, (long) from + Math.max(0, bytes));
        long count = 0;
        for (int i = from; i < to; i++) {
            count += message[i] >= 0 ? 1 : 0;
        }
        return count;
    }
}
