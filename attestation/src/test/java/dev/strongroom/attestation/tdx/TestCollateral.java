package dev.strongroom.attestation.tdx;

import java.util.Arrays;
import java.util.stream.Collectors;

/** JSON in the shape of Intel's collateral, before it is signed. */
final class TestCollateral {
    static final String FMSPC = "00a06d080000";
    static final String PCE_ID = "0000";
    static final String QE_SIGNER = "ab".repeat(32);

    private TestCollateral() {}

    /** Two levels for each part: up to date from the tested platform's versions on, then older. */
    static String tcbInfo() {
        return """
        {"id":"TDX","version":3,"issueDate":"2026-11-21T12:00:00Z",\
        "nextUpdate":"2026-12-21T12:00:00Z","fmspc":"%s","pceId":"%s","tcbType":0,\
        "tcbEvaluationDataNumber":18,"tdxModule":%s,"tdxModuleIdentities":[\
        {"id":"TDX_01",%s,"tcbLevels":[%s,%s]}],"tcbLevels":[%s,%s]}\
        """
                .formatted(
                        FMSPC,
                        PCE_ID,
                        "{" + signer() + "}",
                        signer(),
                        isvLevel(6, "UpToDate", "2025-01-01"),
                        isvLevel(2, "OutOfDate", "2023-01-01", "INTEL-SA-00003"),
                        level(
                                SoftwarePlatform.SVN,
                                11,
                                SoftwarePlatform.SVN,
                                "UpToDate",
                                "2025-01-02"),
                        level(
                                3,
                                5,
                                0,
                                "OutOfDate",
                                "2023-01-02",
                                "INTEL-SA-00002",
                                "INTEL-SA-00001"));
    }

    static String qeIdentity() {
        return """
        {"id":"TD_QE","version":2,"issueDate":"2026-11-21T12:00:00Z",\
        "nextUpdate":"2026-12-21T12:00:00Z","tcbEvaluationDataNumber":18,\
        "miscselect":"00000000","miscselectMask":"FFFFFFFF",\
        "attributes":"11000000000000000000000000000000",\
        "attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"%s","isvprodid":2,\
        "tcbLevels":[%s,%s]}\
        """
                .formatted(
                        QE_SIGNER,
                        isvLevel(6, "UpToDate", "2025-01-03"),
                        isvLevel(4, "OutOfDate", "2023-01-03", "INTEL-SA-00004"));
    }

    private static String signer() {
        return "\"mrsigner\":\"%s\",\"attributes\":\"%s\",\"attributesMask\":\"%s\""
                .formatted("00".repeat(48), "00".repeat(8), "FF".repeat(8));
    }

    static String isvLevel(int isvSvn, String status, String date, String... advisories) {
        return "{\"tcb\":{\"isvsvn\":%d},%s}".formatted(isvSvn, rating(status, date, advisories));
    }

    static String level(
            int sgx, int pceSvn, int tdx, String status, String date, String... advisories) {
        return "{\"tcb\":{\"sgxtcbcomponents\":%s,\"pcesvn\":%d,\"tdxtcbcomponents\":%s},%s}"
                .formatted(
                        components(sgx), pceSvn, components(tdx), rating(status, date, advisories));
    }

    private static String components(int svn) {
        return "[" + ("{\"svn\":" + svn + "},").repeat(15) + "{\"svn\":" + svn + "}]";
    }

    private static String rating(String status, String date, String... advisories) {
        String rating = "\"tcbDate\":\"%sT00:00:00Z\",\"tcbStatus\":\"%s\"".formatted(date, status);
        return advisories.length == 0
                ? rating
                : rating
                        + Arrays.stream(advisories)
                                .map(each -> "\"" + each + "\"")
                                .collect(Collectors.joining(",", ",\"advisoryIDs\":[", "]"));
    }
}
