package dev.strongroom.redteam;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of what the guard is to show.
 *
 * @param key by which a budget names it
 * @param most the budget; infinite where nothing is claimed
 * @param measured above the budget it is missed; no number is missed too
 */
record Claim(String key, String line, double most, double measured) {
    boolean met() {
        return measured <= most;
    }

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("key", key);
        map.put("line", line);
        map.put("most", Double.isFinite(most) ? most : "nothing claimed");
        map.put("measured", Double.isFinite(measured) ? measured : "never");
        map.put("met", met());
        return map;
    }
}
