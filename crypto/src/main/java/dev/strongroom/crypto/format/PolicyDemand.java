package dev.strongroom.crypto.format;

/**
 * Which policy document a version obeys and from which revision on.
 *
 * @param id 128-bit lower-case hex
 * @param minSeq lowest revision accepted, from 1
 */
public record PolicyDemand(String id, long minSeq) {
    static final int ID_BYTES = 32;

    public PolicyDemand {
        Strict.requireMatch("policy id", id, "[0-9a-f]{32}");
        Strict.requireRange("policy minimum seq", minSeq, 1, Long.MAX_VALUE);
    }
}
