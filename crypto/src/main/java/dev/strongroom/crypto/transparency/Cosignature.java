package dev.strongroom.crypto.transparency;

import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * What a witness says of a checkpoint: that at this time it was the longest state of the log it
 * knew, and continued every one before (C2SP tlog-cosignature, {@code cosignature/v1}).
 *
 * @param time the witness's clock, whole seconds from 1970
 * @param signature Ed25519, 64 bytes
 */
record Cosignature(long time, byte[] signature) {
    private static final int SIGNATURE_BYTES = 64;
    private static final int BYTES = Long.BYTES + SIGNATURE_BYTES;

    /** What is signed for a checkpoint at a time. */
    static byte[] message(Checkpoint checkpoint, long time) {
        return ("cosignature/v1\ntime " + time + "\n" + checkpoint.text())
                .getBytes(StandardCharsets.UTF_8);
    }

    byte[] message(Checkpoint checkpoint) {
        return message(checkpoint, time);
    }

    Instant instant() {
        return Instant.ofEpochSecond(time);
    }

    byte[] encode() {
        return ByteBuffer.allocate(BYTES).putLong(time).put(signature).array();
    }

    static Cosignature decode(byte[] bytes) throws SealedFormatException {
        if (bytes.length != BYTES) {
            throw new SealedFormatException(
                    "cosignature: expected " + BYTES + " bytes, got " + bytes.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long time = buffer.getLong();
        if (time < 0 || time > Instant.MAX.getEpochSecond()) {
            throw new SealedFormatException("cosignature: its time is out of range");
        }
        byte[] signature = new byte[SIGNATURE_BYTES];
        buffer.get(signature);
        return new Cosignature(time, signature);
    }
}
