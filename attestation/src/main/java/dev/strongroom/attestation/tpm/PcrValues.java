package dev.strongroom.attestation.tpm;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The values of the registers that a quote selects. They come beside the quote, which has only
 * their hash, as one string: bank after bank, registers ascending.
 *
 * <p>Immutable and thread-safe.
 */
final class PcrValues {
    private final byte[] concatenated;
    private final Map<HashAlgorithm, Map<Integer, byte[]>> banks;

    private PcrValues(byte[] concatenated, Map<HashAlgorithm, Map<Integer, byte[]>> banks) {
        this.concatenated = concatenated;
        this.banks = banks;
    }

    /**
     * Cuts the string into values.
     *
     * @throws TpmFormatException if it is longer or shorter than all selected registers
     */
    static PcrValues of(List<PcrSelection> selections, byte[] values) throws TpmFormatException {
        var in = TpmReader.bigEndian(values, "register values");
        var banks = new EnumMap<HashAlgorithm, Map<Integer, byte[]>>(HashAlgorithm.class);
        for (PcrSelection selection : selections) {
            HashAlgorithm bank = selection.bank();
            Map<Integer, byte[]> registers = banks.computeIfAbsent(bank, _ -> new TreeMap<>());
            for (int pcr : selection.pcrs()) {
                registers.put(pcr, in.bytes("pcr " + pcr, bank.bytes()));
            }
        }
        in.end();
        return new PcrValues(values.clone(), banks);
    }

    /** What the quote's digest is over. */
    byte[] concatenated() {
        return concatenated.clone();
    }

    /** All values by bank and number. */
    Map<HashAlgorithm, Map<Integer, byte[]>> banks() {
        return banks;
    }

    /** One register's value. */
    Optional<byte[]> value(HashAlgorithm bank, int pcr) {
        return Optional.ofNullable(banks.getOrDefault(bank, Map.of()).get(pcr));
    }

    /** Whether a register is among them with this value. */
    boolean has(HashAlgorithm bank, int pcr, byte[] expected) {
        return value(bank, pcr).filter(actual -> Arrays.equals(actual, expected)).isPresent();
    }
}
