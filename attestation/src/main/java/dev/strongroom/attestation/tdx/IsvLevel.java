package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How Intel rates a module or an enclave from one security version on.
 *
 * @param isvSvn the lowest version this is about
 * @param tcbDate everything fixed before this is fixed in it
 * @param advisories what is known against it
 */
record IsvLevel(int isvSvn, TcbStatus status, Instant tcbDate, List<String> advisories) {
    private static final int MAX_LEVELS = 64; // Intel lists under ten
    static final int MAX_ADVISORIES = 256; // the longest list so far has nine

    /** The member {@code tcbLevels}: sorted by Intel, newest first. */
    static List<IsvLevel> list(JsonFields fields) throws TdxFormatException {
        var levels = new ArrayList<IsvLevel>();
        for (JsonFields level : fields.objects("tcbLevels", 1, MAX_LEVELS)) {
            levels.add(
                    new IsvLevel(
                            level.object("tcb").number("isvsvn", 0xffff),
                            level.status("tcbStatus"),
                            level.time("tcbDate"),
                            level.texts("advisoryIDs", MAX_ADVISORIES)));
        }
        return List.copyOf(levels);
    }

    /** The first level that this version reaches. */
    static Optional<IsvLevel> reachedBy(int isvSvn, List<IsvLevel> levels) {
        return levels.stream().filter(level -> isvSvn >= level.isvSvn).findFirst();
    }
}
