package dev.strongroom.redteam;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one frozen configuration of all figures.
 *
 * @param roundAt evidence from which answers have two digits
 * @param labelAt evidence from which answers are the label and a bucket of its confidence
 * @param flagAt evidence of the flag: the bare label, and a tenth of the quota
 * @param quotaShare answered share of a flagged account's calls
 * @param trialRowsPerDay the trial tier's budget
 */
record Policy(
        double roundAt, double labelAt, double flagAt, double quotaShare, int trialRowsPerDay) {
    static final Policy FROZEN = new Policy(10, 1e3, 1e6, 0.1, 30);

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("roundAt", roundAt);
        map.put("labelAt", labelAt);
        map.put("flagAt", flagAt);
        map.put("alpha", 1 / flagAt);
        map.put("quotaShareAfterFlag", quotaShare);
        map.put("trialRowsPerDay", trialRowsPerDay);
        return map;
    }
}
