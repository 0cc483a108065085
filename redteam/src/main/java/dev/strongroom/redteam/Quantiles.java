package dev.strongroom.redteam;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Queries until the flag over many runs; a run that ended unflagged counts as never.
 *
 * @param queries of each run, {@link Integer#MAX_VALUE} for never
 */
record Quantiles(int[] queries) {
    Quantiles {
        queries = queries.clone();
        Arrays.sort(queries);
    }

    int at(double share) {
        return queries[(int) Math.min(queries.length - 1, Math.floor(share * queries.length))];
    }

    double never() {
        return (double) Arrays.stream(queries).filter(q -> q == Integer.MAX_VALUE).count()
                / queries.length;
    }

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("runs", queries.length);
        map.put("median", shown(at(0.5)));
        map.put("p95", shown(at(0.95)));
        map.put("max", shown(queries[queries.length - 1]));
        map.put("never", never());
        return map;
    }

    static String shown(int queries) {
        return queries == Integer.MAX_VALUE ? "never" : Integer.toString(queries);
    }
}
