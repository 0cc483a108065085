package dev.strongroom.attestation.encoding;

import dev.strongroom.attestation.cbor.Cbor;
import dev.strongroom.attestation.cbor.CborFormatException;
import dev.strongroom.attestation.cbor.CborReader;
import dev.strongroom.attestation.cbor.CborReader.Lengths;
import dev.strongroom.attestation.cbor.CborWriter;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * A conceptual message wrapper of RATS (draft-ietf-rats-msg-wrap) in its CBOR record form {@code
 * [media type, value, indicator]}, and the X.509 extension {@code id-pe-cmw} that carries one.
 *
 * @param type media type of the value
 * @param value what is wrapped
 * @param indicator which conceptual messages are in it: {@link #ENDORSEMENTS}, {@link #EVIDENCE}
 */
public record Cmw(String type, byte[] value, int indicator) {
    /** Object identifier of the extension. */
    public static final String EXTENSION = "1.3.6.1.5.5.7.1.35";

    public static final int ENDORSEMENTS = 1 << 1;
    public static final int EVIDENCE = 1 << 2;

    /** Of the value: a TLS stack reads certificates of 32 KiB unless told otherwise. */
    public static final int MAX_VALUE_BYTES = 24 * 1024;

    private static final String MEDIA_TYPE = "[a-z0-9.+/-]{1,100}";
    private static final int MAX_BYTES = MAX_VALUE_BYTES + 256;

    public Cmw {
        if (!type.matches(MEDIA_TYPE) || indicator < 0 || value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "CMW: expected a media type, an indicator and at most "
                            + MAX_VALUE_BYTES
                            + " bytes");
        }
    }

    /** The extension's value: DER of the CHOICE's octet string, with the record in it. */
    public byte[] encodeExtension() {
        byte[] message =
                new CborWriter().array(3).text(type).bytes(value).unsigned(indicator).toByteArray();
        var out = new ByteArrayOutputStream();
        out.write(Der.OCTET_STRING);
        writeLength(out, message.length);
        out.writeBytes(message);
        return out.toByteArray();
    }

    /**
     * Reads an extension's value; nothing in it is authentic.
     *
     * @throws MalformedEncodingException also for the JSON form, collections and tags, which no
     *     node of ours writes
     */
    public static Cmw decodeExtension(byte[] extension) throws MalformedEncodingException {
        if (extension.length > MAX_BYTES) {
            throw new MalformedEncodingException("CMW: at most " + MAX_BYTES + " bytes");
        }
        byte[] message = Der.whole(extension, Der.OCTET_STRING).value();
        try {
            if (CborReader.read(message, Lengths.DEFINITE) instanceof Cbor.Array(List<Cbor> items)
                    && items.size() == 3
                    && items.get(0) instanceof Cbor.Text(String type)
                    && items.get(1) instanceof Cbor.Bytes(byte[] value)
                    && items.get(2) instanceof Cbor.Unsigned(long indicator)
                    && indicator <= Integer.MAX_VALUE) {
                return new Cmw(type, value, (int) indicator);
            }
        } catch (CborFormatException | IllegalArgumentException e) {
            throw new MalformedEncodingException("CMW: " + e.getMessage());
        }
        throw new MalformedEncodingException("CMW: expected a record of type, value, indicator");
    }

    /** The value of an extension as the JDK gives it out: still inside its octet string. */
    public static Cmw decodeWrapped(byte[] octetString) throws MalformedEncodingException {
        return decodeExtension(Der.whole(octetString, Der.OCTET_STRING).value());
    }

    private static void writeLength(ByteArrayOutputStream out, int length) {
        if (length >= 0x100) {
            out.write(0x82);
            out.write(length >>> Byte.SIZE);
        } else if (length >= 0x80) {
            out.write(0x81);
        }
        out.write(length);
    }
}
