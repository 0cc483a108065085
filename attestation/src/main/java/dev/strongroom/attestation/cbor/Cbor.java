package dev.strongroom.attestation.cbor;

import java.util.List;
import java.util.Map;

/** One data item. Immutable but for byte strings, which are the reader's own copies. */
public sealed interface Cbor {
    /** Major type 0, up to 2^63 - 1. */
    record Unsigned(long value) implements Cbor {}

    /** Major type 1, down to -2^63. */
    record Negative(long value) implements Cbor {}

    /** Major type 2. */
    record Bytes(byte[] value) implements Cbor {}

    /** Major type 3, valid UTF-8. */
    record Text(String value) implements Cbor {}

    /** Major type 4. */
    record Array(List<Cbor> items) implements Cbor {
        public Array {
            items = List.copyOf(items);
        }
    }

    /** Major type 5; keys are integers or text and differ from each other. */
    record Dictionary(Map<Cbor, Cbor> entries) implements Cbor {
        public Dictionary {
            entries = Map.copyOf(entries);
        }
    }

    /** Major type 6. */
    record Tagged(long tag, Cbor item) implements Cbor {}

    /** Simple values of major type 7. */
    enum Simple implements Cbor {
        FALSE,
        TRUE,
        NULL
    }
}
