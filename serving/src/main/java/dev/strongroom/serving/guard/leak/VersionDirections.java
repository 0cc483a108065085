package dev.strongroom.serving.guard.leak;

import dev.strongroom.crypto.format.VersionId;

/** A version, and what groups have seen of it since this process began. Thread-safe. */
public record VersionDirections(VersionId version, Directions directions) {
    /** Of which nobody has seen anything. */
    public static VersionDirections of(VersionId version) {
        return new VersionDirections(version, new Directions());
    }

    /** Of the version that is served next: one that comes back finds what was seen of it. */
    public VersionDirections before(VersionId next) {
        return version.equals(next) ? this : of(next);
    }
}
