package dev.strongroom.attestation.tpm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * One measurement (TCG_PCR_EVENT2).
 *
 * @param pcr the register it extends
 * @param type TCG event type
 * @param digests what was extended, by bank
 * @param data what the log says was measured; only a digest that fits makes it believable
 */
record LogEvent(int pcr, int type, Map<HashAlgorithm, byte[]> digests, byte[] data) {
    static final int EV_NO_ACTION = 0x00000003;
    static final int EV_EFI_VARIABLE_DRIVER_CONFIG = 0x80000001;
    static final int MAX_PCR = 23;

    private static final byte[] STARTUP_LOCALITY = ascii("StartupLocality\0");

    /** EFI_GLOBAL_VARIABLE, 8be4df61-93ca-11d2-aa0d-00e098032b8c, as firmware writes it. */
    private static final byte[] GLOBAL_VARIABLE =
            HexFormat.of().parseHex("61dfe48bca93d211aa0d00e098032b8c");

    private static final byte[] SECURE_BOOT = "SecureBoot".getBytes(StandardCharsets.UTF_16LE);
    private static final int VARIABLE_HEADER_BYTES = 16 + 2 * Long.BYTES;

    /** What a bank's register was extended by; empty if it was not. */
    Optional<byte[]> extended(HashAlgorithm bank) {
        return type == EV_NO_ACTION ? Optional.empty() : Optional.ofNullable(digests.get(bank));
    }

    /** The locality that started the TPM, where this event tells it. */
    Optional<Byte> startupLocality() {
        boolean tells =
                type == EV_NO_ACTION
                        && data.length == STARTUP_LOCALITY.length + 1
                        && Arrays.equals(
                                Arrays.copyOf(data, STARTUP_LOCALITY.length), STARTUP_LOCALITY);
        return tells ? Optional.of(data[data.length - 1]) : Optional.empty();
    }

    /** Whether the bank's digest is that of the data. */
    boolean measures(HashAlgorithm bank) {
        return extended(bank)
                .filter(digest -> Arrays.equals(digest, bank.digest(data)))
                .isPresent();
    }

    /**
     * The value of the variable {@code SecureBoot}, where this event measures it
     * (UEFI_VARIABLE_DATA: GUID, name length in characters u64, data length u64, name, data).
     */
    Optional<Boolean> secureBoot() {
        if (type != EV_EFI_VARIABLE_DRIVER_CONFIG
                || data.length < VARIABLE_HEADER_BYTES + SECURE_BOOT.length) {
            return Optional.empty();
        }
        var in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        byte[] vendor = new byte[GLOBAL_VARIABLE.length];
        in.get(vendor);
        long nameCharacters = in.getLong();
        long valueBytes = in.getLong();
        byte[] name = new byte[SECURE_BOOT.length];
        in.get(name);
        boolean named =
                Arrays.equals(vendor, GLOBAL_VARIABLE)
                        && nameCharacters == SECURE_BOOT.length / 2
                        && Arrays.equals(name, SECURE_BOOT)
                        && valueBytes == in.remaining();
        return named ? Optional.of(valueBytes == 1 && in.get() == 1) : Optional.empty();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
