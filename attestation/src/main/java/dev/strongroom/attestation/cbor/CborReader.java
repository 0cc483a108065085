package dev.strongroom.attestation.cbor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads one item that fills an array.
 *
 * <p>Refused: trailing bytes, a key that comes twice, a number that is not in its shortest form
 * (every producer known writes the shortest, and one spelling is easier to reason about than four),
 * floating point, undefined and simple values without a name, invalid UTF-8. Indefinite lengths are
 * accepted where the caller says so: the Nitro hypervisor writes them since 2025.
 *
 * <p>A length is compared with the bytes that are left before anything is allocated, an array or
 * map grows item by item, and depth and number of items are bounded.
 */
public final class CborReader {
    /** Whether strings, arrays and maps may end with a break instead of stating their length. */
    public enum Lengths {
        DEFINITE,
        DEFINITE_OR_INDEFINITE
    }

    private static final int MAX_DEPTH = 8; // a Nitro document has 3
    private static final int MAX_ITEMS = 1024; // a Nitro document has at most some 120
    private static final int INDEFINITE = 31;
    private static final int BREAK = 0xff;

    private final byte[] bytes;
    private final Lengths lengths;
    private int at;
    private int items;

    private CborReader(byte[] bytes, Lengths lengths) {
        this.bytes = bytes;
        this.lengths = lengths;
    }

    /**
     * The item that the bytes are.
     *
     * @throws CborFormatException if they are anything else
     */
    public static Cbor read(byte[] bytes, Lengths lengths) throws CborFormatException {
        var reader = new CborReader(bytes, lengths);
        Cbor item = reader.item(MAX_DEPTH);
        if (reader.at != bytes.length) {
            throw new CborFormatException("expected nothing behind the item");
        }
        return item;
    }

    private Cbor item(int depth) throws CborFormatException {
        if (depth == 0) {
            throw new CborFormatException("expected at most " + MAX_DEPTH + " levels");
        }
        if (++items > MAX_ITEMS) {
            throw new CborFormatException("expected at most " + MAX_ITEMS + " items");
        }
        int initial = octet();
        int major = initial >>> 5;
        int information = initial & 0x1f;
        return switch (major) {
            case 0 -> new Cbor.Unsigned(number(information));
            case 1 -> new Cbor.Negative(-1 - number(information));
            case 2 -> new Cbor.Bytes(string(major, information));
            case 3 -> new Cbor.Text(text(major, information));
            case 4 -> array(information, depth);
            case 5 -> dictionary(information, depth);
            case 6 -> new Cbor.Tagged(number(information), item(depth - 1));
            default -> simple(information);
        };
    }

    private static Cbor simple(int information) throws CborFormatException {
        return switch (information) {
            case 20 -> Cbor.Simple.FALSE;
            case 21 -> Cbor.Simple.TRUE;
            case 22 -> Cbor.Simple.NULL;
            default -> throw new CborFormatException("expected true, false or null");
        };
    }

    private Cbor array(int information, int depth) throws CborFormatException {
        var array = new ArrayList<Cbor>();
        if (isIndefinite(information)) {
            while (!atBreak()) {
                array.add(item(depth - 1));
            }
        } else {
            for (long left = count(information); left > 0; left--) {
                array.add(item(depth - 1));
            }
        }
        return new Cbor.Array(array);
    }

    private Cbor dictionary(int information, int depth) throws CborFormatException {
        var entries = new LinkedHashMap<Cbor, Cbor>();
        if (isIndefinite(information)) {
            while (!atBreak()) {
                entry(entries, depth);
            }
        } else {
            for (long left = count(information); left > 0; left--) {
                entry(entries, depth);
            }
        }
        return new Cbor.Dictionary(entries);
    }

    private void entry(Map<Cbor, Cbor> entries, int depth) throws CborFormatException {
        Cbor key = item(depth - 1);
        if (!(key instanceof Cbor.Text
                || key instanceof Cbor.Unsigned
                || key instanceof Cbor.Negative)) {
            throw new CborFormatException("map: expected integers or text as keys");
        }
        if (entries.putIfAbsent(key, item(depth - 1)) != null) {
            throw new CborFormatException("map: expected each key once");
        }
    }

    private String text(int major, int information) throws CborFormatException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(string(major, information)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CborFormatException("text: expected UTF-8");
        }
    }

    private byte[] string(int major, int information) throws CborFormatException {
        if (!isIndefinite(information)) {
            return octets(count(information));
        }
        var chunks = new ByteArrayOutputStream();
        while (!atBreak()) {
            if (++items > MAX_ITEMS) {
                throw new CborFormatException("expected at most " + MAX_ITEMS + " items");
            }
            int initial = octet();
            if (initial >>> 5 != major || (initial & 0x1f) == INDEFINITE) {
                throw new CborFormatException("string: expected chunks of its own kind");
            }
            chunks.writeBytes(octets(count(initial & 0x1f)));
        }
        return chunks.toByteArray();
    }

    private boolean isIndefinite(int information) throws CborFormatException {
        if (information != INDEFINITE) {
            return false;
        }
        if (lengths == Lengths.DEFINITE) {
            throw new CborFormatException("expected a definite length");
        }
        return true;
    }

    private boolean atBreak() throws CborFormatException {
        if (at < bytes.length && (bytes[at] & 0xff) == BREAK) {
            at++;
            return true;
        }
        return false;
    }

    /**
     * A number of things that are at least one byte each, so that no more can be there than bytes.
     */
    private long count(int information) throws CborFormatException {
        long count = number(information);
        if (count > bytes.length - at) {
            throw new CborFormatException("expected no more than what is left");
        }
        return count;
    }

    private long number(int information) throws CborFormatException {
        if (information < 24) {
            return information;
        }
        if (information > 27) {
            throw new CborFormatException("expected a number of 0, 1, 2, 4 or 8 bytes");
        }
        int length = 1 << (information - 24);
        long number = 0;
        for (byte next : octets(length)) {
            number = number << Byte.SIZE | (next & 0xff);
        }
        long smallest = length == 1 ? 24 : 1L << (length * Byte.SIZE / 2);
        if (number < smallest) { // also a number from 2^63 on
            throw new CborFormatException("expected a number below 2^63 in its shortest form");
        }
        return number;
    }

    private int octet() throws CborFormatException {
        if (at == bytes.length) {
            throw new CborFormatException("expected more bytes");
        }
        return bytes[at++] & 0xff;
    }

    private byte[] octets(long length) throws CborFormatException {
        if (length > bytes.length - at) {
            throw new CborFormatException("expected no more than what is left");
        }
        byte[] octets = Arrays.copyOfRange(bytes, at, at + (int) length);
        at += (int) length;
        return octets;
    }
}
