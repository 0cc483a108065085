package dev.strongroom.testkit;

import dev.strongroom.attestation.snp.GuestPolicy;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.snp.TcbVersion;
import java.util.OptionalInt;

/**
 * A guest on a software chip, as a host would launch it. Start with {@link #launch} and change what
 * the test is about.
 *
 * @param reportVersion 2, 3 or 5
 * @param measurement launch digest, 48 bytes
 * @param hostData 32 bytes: the owner id of the node's owner
 * @param chipId 64 bytes
 * @param guestPolicy bits of {@link GuestPolicy}
 * @param vmpl privilege level that asks for reports, 0..3
 * @param guestSvn security version of the image
 * @param tcb firmware versions: reported, current, committed and at launch
 */
public record ChipConfig(
        int reportVersion,
        byte[] measurement,
        byte[] hostData,
        byte[] chipId,
        long guestPolicy,
        int vmpl,
        int guestSvn,
        TcbVersion tcb) {
    /** What a chip with all updates has. */
    public static final TcbVersion RECENT = new TcbVersion(OptionalInt.empty(), 10, 0, 25, 84);

    public ChipConfig {
        requireLength("measurement", measurement, SnpReport.MEASUREMENT_BYTES);
        requireLength("host data", hostData, SnpReport.HOST_DATA_BYTES);
        requireLength("chip id", chipId, SnpReport.CHIP_ID_BYTES);
    }

    /** A version 5 guest that every built-in rule accepts, on a chip with a fixed id. */
    public static ChipConfig launch(byte[] measurement, byte[] hostData) {
        byte[] chipId = new byte[SnpReport.CHIP_ID_BYTES];
        for (int i = 0; i < 8; i++) {
            chipId[i] = (byte) (i + 1);
        }
        long policy = GuestPolicy.MUST_BE_ONE | GuestPolicy.SMT;
        return new ChipConfig(5, measurement, hostData, chipId, policy, 0, 0, RECENT);
    }

    public ChipConfig withReportVersion(int value) {
        return new ChipConfig(
                value, measurement, hostData, chipId, guestPolicy, vmpl, guestSvn, tcb);
    }

    public ChipConfig withMeasurement(byte[] value) {
        return new ChipConfig(
                reportVersion, value, hostData, chipId, guestPolicy, vmpl, guestSvn, tcb);
    }

    public ChipConfig withHostData(byte[] value) {
        return new ChipConfig(
                reportVersion, measurement, value, chipId, guestPolicy, vmpl, guestSvn, tcb);
    }

    public ChipConfig withChipId(byte[] value) {
        return new ChipConfig(
                reportVersion, measurement, hostData, value, guestPolicy, vmpl, guestSvn, tcb);
    }

    public ChipConfig withGuestPolicy(long value) {
        return new ChipConfig(
                reportVersion, measurement, hostData, chipId, value, vmpl, guestSvn, tcb);
    }

    /** The same guest launched with debugging allowed. */
    public ChipConfig withDebug() {
        return withGuestPolicy(guestPolicy | GuestPolicy.DEBUG);
    }

    public ChipConfig withVmpl(int value) {
        return new ChipConfig(
                reportVersion, measurement, hostData, chipId, guestPolicy, value, guestSvn, tcb);
    }

    public ChipConfig withGuestSvn(int value) {
        return new ChipConfig(
                reportVersion, measurement, hostData, chipId, guestPolicy, vmpl, value, tcb);
    }

    public ChipConfig withTcb(TcbVersion value) {
        return new ChipConfig(
                reportVersion, measurement, hostData, chipId, guestPolicy, vmpl, guestSvn, value);
    }

    private static void requireLength(String field, byte[] value, int length) {
        if (value.length != length) {
            throw new IllegalArgumentException(
                    field + ": expected " + length + " bytes, got " + value.length);
        }
    }
}
