package dev.strongroom.attestation.tpm;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/** ECDSA signatures in DER (RFC 3279, 2.2.3): the one form that every provider takes. */
final class EcdsaDer {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int ONE_LENGTH_OCTET = 0x81;
    private static final int MAX_SCALAR_BYTES = 67; // P-521 and a sign bit

    private EcdsaDer() {}

    /** What {@link #write} wrote, and nothing else. */
    static Optional<TpmSignature> read(byte[] der) {
        try {
            var in = TpmReader.bigEndian(der, "signature");
            int tag = in.u8("tag");
            length(in);
            BigInteger r = integer(in);
            BigInteger s = integer(in);
            return tag == SEQUENCE && Arrays.equals(write(r, s), der)
                    ? Optional.of(new TpmSignature.Ec(Optional.empty(), r, s))
                    : Optional.empty();
        } catch (TpmFormatException e) {
            return Optional.empty();
        }
    }

    static byte[] write(BigInteger r, BigInteger s) {
        var scalars = new ByteArrayOutputStream();
        for (BigInteger scalar : new BigInteger[] {r, s}) {
            byte[] value = scalar.toByteArray();
            element(scalars, INTEGER, value);
        }
        var out = new ByteArrayOutputStream();
        element(out, SEQUENCE, scalars.toByteArray());
        return out.toByteArray();
    }

    private static void element(ByteArrayOutputStream out, int tag, byte[] value) {
        out.write(tag);
        if (value.length >= 0x80) {
            out.write(ONE_LENGTH_OCTET);
        }
        out.write(value.length);
        out.writeBytes(value);
    }

    private static BigInteger integer(TpmReader in) throws TpmFormatException {
        if (in.u8("tag") != INTEGER) {
            throw in.malformed("tag: expected an integer");
        }
        int bytes = length(in);
        if (bytes == 0 || bytes > MAX_SCALAR_BYTES) {
            throw in.malformed("integer: expected 1 to " + MAX_SCALAR_BYTES + " bytes");
        }
        return new BigInteger(in.bytes("integer", bytes));
    }

    private static int length(TpmReader in) throws TpmFormatException {
        int length = in.u8("length");
        return length == ONE_LENGTH_OCTET ? in.u8("length") : length;
    }
}
