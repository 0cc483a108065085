package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.Tee;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Names what an authentic report says, for policies and people: the table in this package's
 * documentation.
 */
final class SnpClaims {
    private SnpClaims() {}

    static Map<String, String> of(
            SnpReport report, ProductLine line, Tee tee, Optional<String> provider) {
        var claims = new TreeMap<String, String>();
        claims.put("tee", tee.label());
        claims.put("snp.product", line.label());
        claims.put("snp.version", Integer.toString(report.version()));
        claims.put("snp.guest-svn", Long.toString(report.guestSvn()));
        claims.put("snp.vmpl", Integer.toString(report.vmpl()));
        claims.put(
                "snp.signer", report.signingKey() == SnpReport.SigningKey.VLEK ? "vlek" : "vcek");
        provider.ifPresent(name -> claims.put("snp.provider", name));
        putBytes(claims, report);
        putPolicy(claims, report.guestPolicy());
        putPlatform(claims, report.platformInfo());
        putTcb(claims, "reported", TcbVersion.of(report.reportedTcb(), line));
        putTcb(claims, "current", TcbVersion.of(report.currentTcb(), line));
        putTcb(claims, "committed", TcbVersion.of(report.committedTcb(), line));
        putTcb(claims, "launch", TcbVersion.of(report.launchTcb(), line));
        putProvisional(claims, report, line);
        putFirmware(claims, "current", report.currentFirmware());
        putFirmware(claims, "committed", report.committedFirmware());
        report.launchMitigations().ifPresent(v -> claims.put("snp.mitigations.launch", hex(v)));
        report.currentMitigations().ifPresent(v -> claims.put("snp.mitigations.current", hex(v)));
        return claims;
    }

    private static void putBytes(Map<String, String> claims, SnpReport report) {
        claims.put("snp.measurement", hex(report.measurement()));
        claims.put("snp.host-data", hex(report.hostData()));
        claims.put("snp.chip-id", hex(report.chipId()));
        claims.put("snp.family-id", hex(report.familyId()));
        claims.put("snp.image-id", hex(report.imageId()));
        claims.put("snp.id-key-digest", hex(report.idKeyDigest()));
        claims.put("snp.author-key-digest", hex(report.authorKeyDigest()));
        claims.put("snp.author-key", Boolean.toString(report.authorKeyEnabled()));
    }

    private static void putPolicy(Map<String, String> claims, GuestPolicy policy) {
        claims.put("snp.policy.abi-major", Integer.toString(policy.abiMajor()));
        claims.put("snp.policy.abi-minor", Integer.toString(policy.abiMinor()));
        Map.of(
                        "smt", GuestPolicy.SMT,
                        "migrate-ma", GuestPolicy.MIGRATION_AGENT,
                        "debug", GuestPolicy.DEBUG,
                        "single-socket", GuestPolicy.SINGLE_SOCKET,
                        "cxl", GuestPolicy.CXL,
                        "aes-256-xts", GuestPolicy.AES_256_XTS,
                        "rapl-disabled", GuestPolicy.RAPL_DISABLED,
                        "ciphertext-hiding", GuestPolicy.CIPHERTEXT_HIDING,
                        "page-swap-disabled", GuestPolicy.PAGE_SWAP_DISABLED)
                .forEach((name, flag) ->
                        claims.put("snp.policy." + name, Boolean.toString(policy.allows(flag))));
    }

    private static void putPlatform(Map<String, String> claims, long platformInfo) {
        claims.put("snp.platform.raw", hex(platformInfo));
        Map.of(
                        "smt", 0,
                        "tsme", 1,
                        "ecc", 2,
                        "rapl-disabled", 3,
                        "ciphertext-hiding", 4,
                        "alias-check", 5,
                        "tio", 7)
                .forEach((name, bit) ->
                        claims.put(
                                "snp.platform." + name,
                                Boolean.toString((platformInfo >>> bit & 1) != 0)));
    }

    private static void putTcb(Map<String, String> claims, String which, TcbVersion tcb) {
        String prefix = "snp.tcb." + which + ".";
        tcb.fmc().ifPresent(fmc -> claims.put(prefix + "fmc", Integer.toString(fmc)));
        claims.put(prefix + "bl", Integer.toString(tcb.bootloader()));
        claims.put(prefix + "tee", Integer.toString(tcb.tee()));
        claims.put(prefix + "snp", Integer.toString(tcb.snp()));
        claims.put(prefix + "ucode", Integer.toString(tcb.microcode()));
    }

    /**
     * Provisional firmware can still be rolled back: what runs is newer than what is committed, or
     * than what the signing key was derived for.
     */
    private static void putProvisional(
            Map<String, String> claims, SnpReport report, ProductLine line) {
        TcbVersion current = TcbVersion.of(report.currentTcb(), line);
        boolean reported = !TcbVersion.of(report.reportedTcb(), line).equals(current);
        boolean committed =
                !TcbVersion.of(report.committedTcb(), line).equals(current)
                        || !report.committedFirmware().equals(report.currentFirmware());
        claims.put("snp.provisional.reported", Boolean.toString(reported));
        claims.put("snp.provisional.committed", Boolean.toString(committed));
    }

    private static void putFirmware(
            Map<String, String> claims, String which, SnpReport.Firmware firmware) {
        String prefix = "snp.firmware." + which + ".";
        claims.put(prefix + "major", Integer.toString(firmware.major()));
        claims.put(prefix + "minor", Integer.toString(firmware.minor()));
        claims.put(prefix + "build", Integer.toString(firmware.build()));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String hex(long value) {
        return HexFormat.of().toHexDigits(value);
    }
}
