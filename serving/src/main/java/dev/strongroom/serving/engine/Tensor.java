package dev.strongroom.serving.engine;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A named tensor that goes into a model or comes out of it.
 *
 * @param name as in the graph
 * @param type of its elements
 * @param shape row-major, no negative sizes
 * @param content as many elements as the shape says
 */
public record Tensor(String name, ElementType type, List<Long> shape, Content content) {
    public Tensor {
        shape = List.copyOf(shape);
    }

    /** The elements. */
    public sealed interface Content {
        /**
         * Numbers, little-endian, without gaps.
         *
         * @param bytes position to limit; not changed by a reader
         */
        record Numbers(ByteBuffer bytes) implements Content {}

        /** Strings, in order. */
        record Strings(List<String> values) implements Content {
            public Strings {
                values = List.copyOf(values);
            }
        }
    }
}
