package dev.strongroom.attestation.policy;

import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which witnesses must have cosigned the log's checkpoint before a release under it counts.
 *
 * @param threshold how many of them, from 1
 * @param keys C2SP verifier keys, 1 to {@value #MAX_WITNESSES}
 */
public record WitnessSet(int threshold, NavigableSet<String> keys) {
    /** Beside the log's own line a note has room for as many. */
    public static final int MAX_WITNESSES = 16;

    /** Name, key ID and base64 of a C2SP verifier key: nothing that JSON would escape. */
    static final String KEY = "[!#-*,-\\[\\]-~]{1,255}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]{1,128}";

    public WitnessSet {
        keys = Collections.unmodifiableNavigableSet(new TreeSet<>(keys));
        if (keys.isEmpty() || keys.size() > MAX_WITNESSES) {
            throw new IllegalArgumentException(
                    "witnesses: expected 1 to " + MAX_WITNESSES + " keys, got " + keys.size());
        }
        if (!keys.stream().allMatch(key -> key.matches(KEY))) {
            throw new IllegalArgumentException(
                    "witnesses: expected verifier keys NAME+KEYID+BASE64, as witness init prints");
        }
        if (threshold < 1 || threshold > keys.size()) {
            throw new IllegalArgumentException(
                    "threshold: expected 1 to "
                            + keys.size()
                            + ", the number of witnesses, got "
                            + threshold);
        }
    }

    /** The only spelling that is hashed, as it stands in a release policy. */
    public String canonical() {
        return keys.stream()
                .collect(
                        Collectors.joining(
                                "\",\"", "{\"threshold\":" + threshold + ",\"keys\":[\"", "\"]}"));
    }
}
