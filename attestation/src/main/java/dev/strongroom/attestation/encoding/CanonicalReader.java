package dev.strongroom.attestation.encoding;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link Canonical} wrote, strictly: wrong domain or version, a length beyond the limit
 * or the input, malformed UTF-8 and trailing bytes are refused before anything is allocated.
 *
 * <p>Not thread-safe.
 */
public final class CanonicalReader {
    private final ByteBuffer in;
    private final String domain;

    private CanonicalReader(ByteBuffer in, String domain) {
        this.in = in;
        this.domain = domain;
    }

    /** Starts reading; refuses another domain or version. */
    public static CanonicalReader of(byte[] encoded, String domain, int version)
            throws MalformedEncodingException {
        var reader = new CanonicalReader(ByteBuffer.wrap(encoded), domain);
        int actual = reader.u8("version");
        if (actual != version) {
            throw reader.malformed("version: expected " + version + ", got " + actual);
        }
        if (!reader.text("domain", domain.length()).equals(domain)) {
            throw reader.malformed("domain: expected this label, got another");
        }
        return reader;
    }

    public int u8(String field) throws MalformedEncodingException {
        return need(field, 1).get() & 0xff;
    }

    public int u32(String field) throws MalformedEncodingException {
        return need(field, Integer.BYTES).getInt();
    }

    public long u64(String field) throws MalformedEncodingException {
        return need(field, Long.BYTES).getLong();
    }

    /** A count of following elements, refused above {@code max}. */
    public int count(String field, int max) throws MalformedEncodingException {
        int count = u32(field);
        if (count < 0 || count > max) {
            throw malformed(field + ": at most " + max + " elements");
        }
        return count;
    }

    public byte[] bytes(String field, int maxBytes) throws MalformedEncodingException {
        int length = u32(field);
        if (length < 0 || length > maxBytes) {
            throw malformed(field + ": at most " + maxBytes + " bytes");
        }
        need(field, length);
        byte[] value = new byte[length];
        in.get(value);
        return value;
    }

    /** A byte field of exactly {@code length} bytes. */
    public byte[] fixed(String field, int length) throws MalformedEncodingException {
        byte[] value = bytes(field, length);
        if (value.length != length) {
            throw malformed(field + ": expected " + length + " bytes, got " + value.length);
        }
        return value;
    }

    public String text(String field, int maxBytes) throws MalformedEncodingException {
        byte[] utf8 = bytes(field, maxBytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed(field + ": not UTF-8");
        }
    }

    /** Ends reading; trailing bytes are refused. */
    public void end() throws MalformedEncodingException {
        if (in.hasRemaining()) {
            throw malformed(in.remaining() + " trailing bytes");
        }
    }

    public MalformedEncodingException malformed(String what) {
        return new MalformedEncodingException(domain + " at byte " + in.position() + ": " + what);
    }

    private ByteBuffer need(String field, int length) throws MalformedEncodingException {
        if (in.remaining() < length) {
            throw malformed(field + ": expected " + length + " bytes, got " + in.remaining());
        }
        return in;
    }
}
