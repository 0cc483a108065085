package dev.strongroom.vault.decoy;

import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.decoy.Touch.Word;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells which touches of somebody who is out already are news: the first from each address in a
 * while, of a few addresses. What nodes say counts apart, by node, since it may be invented.
 *
 * <p>Thread-safe; never blocks for long.
 */
final class Repeats {
    private static final Duration WHILE = Duration.ofMinutes(10);
    private static final int MAX_OF_ONE = 32; // addresses of an identity, or nodes that speak of it
    private static final int MAX_ALL = 10_000;

    /** Who, by whose word. */
    private record Subject(String identity, Word word) {}

    private record Seen(Instant end, Set<String> from) {}

    private final InstantSource clock;
    private final Map<Subject, Seen> seen = new HashMap<>();

    Repeats(InstantSource clock) {
        this.clock = clock;
    }

    synchronized boolean isNews(Touch touch) {
        Instant now = clock.instant();
        Principal who = touch.visitor().principal();
        var subject = new Subject(who.uri(), touch.word());
        Seen before = seen.get(subject);
        if (before == null || !now.isBefore(before.end())) {
            before = new Seen(now.plus(WHILE), new HashSet<>());
            makeRoom(now);
            if (seen.size() >= MAX_ALL) {
                return false;
            }
            seen.put(subject, before);
        }
        return before.from().size() < MAX_OF_ONE && before.from().add(from(touch));
    }

    private void makeRoom(Instant now) {
        if (seen.size() >= MAX_ALL) {
            seen.values().removeIf(old -> !now.isBefore(old.end()));
        }
    }

    private static String from(Touch touch) {
        return switch (touch.word()) {
            case OWN -> touch.visitor().source();
            case HEARSAY -> touch.visitor().method(); // names the node
        };
    }
}
