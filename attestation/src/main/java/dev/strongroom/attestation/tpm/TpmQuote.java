package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.Digest;
import java.security.MessageDigest;
import java.util.List;

/**
 * A quote (TPMS_ATTEST with TPMS_QUOTE_INFO, TPM 2.0 Part 2, 10.12), read strictly. Parsed is not
 * verified: nothing here says who wrote the bytes.
 *
 * <pre>
 * magic u32 = ff544347 | type u16 = 8018 | qualifiedSigner TPM2B_NAME | extraData TPM2B_DATA
 * clock u64, resetCount u32, restartCount u32, safe u8 | firmwareVersion u64
 * pcrSelect: count u32, each bank u16, size u8, bitmap | pcrDigest TPM2B_DIGEST
 * </pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class TpmQuote {
    private static final int TPM_GENERATED = 0xff544347;
    private static final int TPM_ST_ATTEST_QUOTE = 0x8018;
    private static final int MAX_BYTES = 1024; // 16 banks and the longest digests are under 400
    private static final int MAX_NAME_BYTES = Short.BYTES + HashAlgorithm.MAX_BYTES;

    private final byte[] bytes;
    private final byte[] qualifiedSigner;
    private final byte[] extraData;
    private final Clock clock;
    private final long firmwareVersion;
    private final List<PcrSelection> selections;
    private final byte[] pcrDigest;

    /**
     * The TPM's own time.
     *
     * @param milliseconds of power-on time since the TPM's hierarchies were last cleared
     * @param resets how often it started anew since then; unsigned
     * @param restarts how often it resumed since the last reset; unsigned
     * @param safe whether no later value of {@code milliseconds} can have been lost
     */
    public record Clock(long milliseconds, long resets, long restarts, boolean safe) {}

    private TpmQuote(byte[] bytes) throws TpmFormatException {
        this.bytes = bytes;
        var in = TpmReader.bigEndian(bytes, "quote");
        if (in.u32("magic") != TPM_GENERATED) {
            throw in.malformed("magic: expected a structure that the TPM itself made");
        }
        if (in.u16("type") != TPM_ST_ATTEST_QUOTE) {
            throw in.malformed("type: expected a quote");
        }
        qualifiedSigner = in.sized("qualifiedSigner", MAX_NAME_BYTES);
        extraData = in.sized("extraData", MAX_NAME_BYTES);
        clock = readClock(in);
        firmwareVersion = in.u64("firmwareVersion");
        selections = PcrSelection.readList(in);
        pcrDigest = in.sized("pcrDigest", HashAlgorithm.MAX_BYTES);
        in.end();
    }

    /**
     * Reads a quote; the array is copied.
     *
     * @throws TpmFormatException if it is not a quote in every byte
     */
    public static TpmQuote parse(byte[] attest) throws TpmFormatException {
        if (attest.length > MAX_BYTES) {
            throw new TpmFormatException("quote: at most " + MAX_BYTES + " bytes");
        }
        return new TpmQuote(attest.clone());
    }

    /**
     * What a guest gives the TPM as qualifying data to speak for report data: its SHA-256, whatever
     * its length. A TPM takes no more than its longest digest and two bytes, which 64 bytes are too
     * many for where that is SHA-384.
     */
    public static byte[] qualifyingData(byte[] reportData) {
        return Digest.sha256(reportData).bytes();
    }

    /** Whether the qualifying data is that of {@code reportData}; takes constant time. */
    public boolean speaksFor(byte[] reportData) {
        return MessageDigest.isEqual(extraData, qualifyingData(reportData));
    }

    /** The qualifying data as the TPM got it. */
    public byte[] extraData() {
        return extraData.clone();
    }

    /** Qualified name of the attestation key: its own name hashed with those of its parents. */
    public byte[] qualifiedSigner() {
        return qualifiedSigner.clone();
    }

    public Clock clock() {
        return clock;
    }

    /** Vendor's version number of the TPM's firmware, all 64 bits. */
    public long firmwareVersion() {
        return firmwareVersion;
    }

    /** The registers that {@link #pcrDigest} is over, in this order. */
    public List<PcrSelection> selections() {
        return selections;
    }

    /** Hash over the values of all selected registers, by the algorithm of the signature. */
    public byte[] pcrDigest() {
        return pcrDigest.clone();
    }

    /** What the signature covers: the whole structure. */
    byte[] signedBytes() {
        return bytes.clone();
    }

    private static Clock readClock(TpmReader in) throws TpmFormatException {
        long milliseconds = in.u64("clock");
        long resets = Integer.toUnsignedLong(in.u32("resetCount"));
        long restarts = Integer.toUnsignedLong(in.u32("restartCount"));
        int safe = in.u8("safe");
        if (safe > 1) {
            throw in.malformed("safe: expected 0 or 1");
        }
        return new Clock(milliseconds, resets, restarts, safe == 1);
    }
}
