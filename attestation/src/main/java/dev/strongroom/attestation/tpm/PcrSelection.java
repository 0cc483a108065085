package dev.strongroom.attestation.tpm;

import java.util.ArrayList;
import java.util.List;

/**
 * Which registers of one bank a quote speaks of (TPMS_PCR_SELECTION).
 *
 * @param pcrs numbers in ascending order
 */
public record PcrSelection(HashAlgorithm bank, List<Integer> pcrs) {
    static final int MAX_BANKS = 16; // HASH_COUNT of TPM 2.0 Part 2, table 3
    private static final int MAX_BITMAP_BYTES = 4; // 32 registers; PC clients have 24

    public PcrSelection {
        pcrs = List.copyOf(pcrs);
    }

    /** Reads a TPML_PCR_SELECTION. */
    static List<PcrSelection> readList(TpmReader in) throws TpmFormatException {
        int banks = in.count("pcrSelect count", MAX_BANKS);
        var selections = new ArrayList<PcrSelection>();
        for (int i = 0; i < banks; i++) {
            selections.add(read(in));
        }
        return List.copyOf(selections);
    }

    private static PcrSelection read(TpmReader in) throws TpmFormatException {
        HashAlgorithm bank =
                HashAlgorithm.ofId(in.u16("bank"))
                        .orElseThrow(() -> in.malformed("bank: expected a known hash algorithm"));
        int bitmapBytes = in.u8("sizeofSelect");
        if (bitmapBytes > MAX_BITMAP_BYTES) {
            throw in.malformed("sizeofSelect: at most " + MAX_BITMAP_BYTES);
        }
        byte[] bitmap = in.bytes("pcrSelect", bitmapBytes);
        var pcrs = new ArrayList<Integer>();
        for (int pcr = 0; pcr < bitmapBytes * Byte.SIZE; pcr++) {
            if ((bitmap[pcr / Byte.SIZE] >> pcr % Byte.SIZE & 1) != 0) {
                pcrs.add(pcr);
            }
        }
        return new PcrSelection(bank, pcrs);
    }
}
