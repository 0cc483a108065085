package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.tpm.EventLog;
import dev.strongroom.attestation.tpm.HashAlgorithm;
import dev.strongroom.attestation.tpm.TpmFormatException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What firmware and boot loader measured into a trust domain's registers: the memory area that the
 * ACPI table CCEL names (UEFI 2.10, 38 "Confidential Computing"; Intel TDX Virtual Firmware Design
 * Guide, "TD Event Log"). The format is a TPM's; register 1 of the log is RTMR 0, and SHA-384 is
 * what counts. It is anybody's word until its replay gives the registers of an authentic quote.
 *
 * <p>Immutable and thread-safe.
 */
public final class CcEventLog {
    private final Map<Integer, byte[]> registers;

    private CcEventLog(Map<Integer, byte[]> registers) {
        this.registers = registers;
    }

    /**
     * Reads a log, with or without the filling of its area.
     *
     * @throws TdxFormatException if it is no log of RTMRs
     */
    public static CcEventLog parse(byte[] area) throws TdxFormatException {
        try {
            Map<Integer, byte[]> registers = EventLog.parseArea(area).replay(HashAlgorithm.SHA384);
            if (registers.keySet().stream().anyMatch(r -> r < 1 || r > TdReport.RTMRS)) {
                throw new TdxFormatException("event log: expected registers 1 to 4");
            }
            return new CcEventLog(registers);
        } catch (TpmFormatException e) {
            throw new TdxFormatException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * What the log leads to.
     *
     * @param index 0 to 3
     */
    public byte[] rtmr(int index) {
        byte[] value = registers.get(index + 1);
        return value == null ? new byte[TdReport.MEASUREMENT_BYTES] : value.clone();
    }

    /** For each register whether the log leads to what the quote says: {@code tdx.log.rtmr0} … */
    public Map<String, String> claims(TdReport report) {
        var claims = new TreeMap<String, String>();
        for (int i = 0; i < TdReport.RTMRS; i++) {
            boolean explained = Arrays.equals(rtmr(i), report.rtmr(i));
            claims.put("tdx.log.rtmr" + i, Boolean.toString(explained));
        }
        return claims;
    }
}
