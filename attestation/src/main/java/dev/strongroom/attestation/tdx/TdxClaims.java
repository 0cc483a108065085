package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Tee;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names what an authentic quote says, for policies and people: the table in this package's
 * documentation.
 */
final class TdxClaims {
    private TdxClaims() {}

    static Map<String, String> of(TdxQuote quote, PckExtension pck, TcbAssessment tcb, Tee tee) {
        var claims = new TreeMap<String, String>();
        claims.put("tee", tee.label());
        claims.put("tdx.version", Integer.toString(quote.version()));
        putReport(claims, quote.report());
        putAttributes(claims, quote.report());
        putPlatform(claims, quote, pck);
        putTcb(claims, tcb);
        return claims;
    }

    private static void putReport(Map<String, String> claims, TdReport report) {
        claims.put("tdx.body-type", Integer.toString(report.version().bodyType()));
        claims.put("tdx.mrtd", hex(report.mrTd()));
        for (int i = 0; i < TdReport.RTMRS; i++) {
            claims.put("tdx.rtmr" + i, hex(report.rtmr(i)));
        }
        claims.put("tdx.mrconfigid", hex(report.mrConfigId()));
        claims.put("tdx.mrowner", hex(report.mrOwner()));
        claims.put("tdx.mrownerconfig", hex(report.mrOwnerConfig()));
        claims.put("tdx.mrseam", hex(report.mrSeam()));
        claims.put("tdx.mrsignerseam", hex(report.mrSignerSeam()));
        claims.put("tdx.seam-attributes", hex(report.seamAttributes()));
        report.mrServiceTd().ifPresent(value -> claims.put("tdx.mrservicetd", hex(value)));
        putSvn(claims, "launch", report.teeTcbSvn());
        report.currentTeeTcbSvn().ifPresent(svn -> putSvn(claims, "current", svn));
    }

    private static void putSvn(Map<String, String> claims, String which, TeeTcbSvn svn) {
        String prefix = "tdx.tee-tcb-svn." + which;
        claims.put(prefix, svn.toString());
        claims.put(prefix + ".module-version", Integer.toString(svn.moduleVersion()));
        claims.put(prefix + ".module", Integer.toString(svn.moduleSvn()));
        claims.put(prefix + ".microcode", Integer.toString(svn.microcodeSvn()));
    }

    private static void putAttributes(Map<String, String> claims, TdReport report) {
        TdAttributes attributes = report.tdAttributes();
        claims.put("tdx.attributes.raw", HexFormat.of().toHexDigits(attributes.bits()));
        claims.put("tdx.attributes.unknown", Boolean.toString(attributes.hasUnknown()));
        Map.of(
                        "debug", TdAttributes.UNDER_DEBUG,
                        "icssd", TdAttributes.ICSSD,
                        "lass", TdAttributes.LASS,
                        "sept-ve-disable", TdAttributes.SEPT_VE_DISABLE,
                        "migratable", TdAttributes.MIGRATABLE,
                        "pks", TdAttributes.PROTECTION_KEYS,
                        "kl", TdAttributes.KEY_LOCKER,
                        "tpa", TdAttributes.TPA,
                        "perfmon", TdAttributes.PERFMON)
                .forEach((name, flag) ->
                        claims.put(
                                "tdx.attributes." + name, Boolean.toString(attributes.has(flag))));
        claims.put("tdx.xfam.raw", HexFormat.of().toHexDigits(report.xfam().bits()));
        claims.put("tdx.xfam.unknown", Boolean.toString(!report.xfam().isKnown()));
    }

    private static void putPlatform(Map<String, String> claims, TdxQuote quote, PckExtension pck) {
        claims.put("tdx.fmspc", pck.fmspc());
        claims.put("tdx.pce-id", pck.pceId());
        claims.put("tdx.pce-svn", Integer.toString(pck.pceSvn()));
        claims.put("tdx.ppid", pck.ppid());
        pck.platformInstance().ifPresent(id -> claims.put("tdx.platform-instance", id));
        claims.put("tdx.qe-svn", Integer.toString(quote.enclaveReport().isvSvn()));
    }

    private static void putTcb(Map<String, String> claims, TcbAssessment tcb) {
        claims.put("tdx.tcb.status", tcb.status().label());
        claims.put("tdx.tcb.launch-status", tcb.launch().label());
        claims.put("tdx.tcb.current-status", tcb.current().label());
        claims.put("tdx.relaunch-advised", Boolean.toString(tcb.relaunchAdvised()));
        claims.put("tdx.tcb.date", tcb.tcbDate().toString());
        claims.put("tdx.tcb.advisories", String.join(",", tcb.advisories()));
        claims.put("tdx.tcb.evaluation-number", Integer.toString(tcb.evaluationDataNumber()));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
