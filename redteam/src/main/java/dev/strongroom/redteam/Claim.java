package dev.strongroom.redteam;

import java.util.Map;

/**
 * One line of what the guard is to show.
 *
 * @param most the budget
 * @param measured above the budget it is missed
 */
record Claim(String line, double most, double measured) {
    boolean met() {
        return measured <= most;
    }

    Map<String, Object> asMap() {
        return Map.of("line", line, "most", most, "measured", measured, "met", met());
    }
}
