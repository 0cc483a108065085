package dev.strongroom.testkit.hunt;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one place, a mapping or a file, held.
 *
 * @param place the mapping or the path
 * @param hits how many needles start in it, repeats counted
 * @param distinct how many different needles
 * @param example the name of one of them, empty without a hit
 * @param scannedBytes bytes that were looked at
 * @param unreadableBytes bytes that the kernel did not give out
 */
public record Finding(
        String place,
        int hits,
        int distinct,
        String example,
        long scannedBytes,
        long unreadableBytes) {

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("place", place);
        map.put("hits", hits);
        map.put("distinct", distinct);
        map.put("example", example);
        map.put("scannedBytes", scannedBytes);
        map.put("unreadableBytes", unreadableBytes);
        return map;
    }
}
