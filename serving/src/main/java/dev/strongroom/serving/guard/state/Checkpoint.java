package dev.strongroom.serving.guard.state;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.serving.guard.PolicyGuard.Memory;
import dev.strongroom.serving.guard.leak.Directions.Count;
import dev.strongroom.serving.guard.limit.Standing;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a guard knew at one moment.
 *
 * @param policySeq revision of the output policy that it went by
 * @param memory LOST: the one before was missing, and that revision or one before it was in force
 * @param standings of callers that something is held against
 * @param directions that groups have seen of outputs
 */
record Checkpoint(long policySeq, Memory memory, List<Standing> standings, List<Count> directions) {
    /** A megabyte holds as many; {@link Selection} says which. */
    static final int MAX_STANDINGS = 50_000;

    private static final String DOMAIN = "strongroom/guard-state";
    private static final int VERSION = 2;
    private static final int MAX_DIRECTIONS = 2000; // groups times outputs
    private static final int BYTE = 0xff;

    Checkpoint {
        standings = Selection.of(standings, MAX_STANDINGS);
        directions =
                directions.stream()
                        .sorted(
                                Comparator.comparingInt(Count::directions)
                                        .reversed()
                                        .thenComparingLong(Count::subject))
                        .limit(MAX_DIRECTIONS)
                        .toList();
    }

    byte[] encode() {
        var out =
                Canonical.of(DOMAIN, VERSION)
                        .u64(policySeq)
                        .u8(memory == Memory.LOST ? 1 : 0)
                        .u32(standings.size());
        for (Standing standing : standings) {
            out.u64(standing.id())
                    .u32(Float.floatToRawIntBits((float) Math.log(standing.evidence())))
                    .u32(Float.floatToRawIntBits((float) standing.bits()))
                    .u8(standing.group() >>> Byte.SIZE)
                    .u8(standing.group() & BYTE)
                    .u8(standing.rung().number());
        }
        out.u32(directions.size());
        for (Count count : directions) {
            out.u64(count.subject()).u32(count.directions());
        }
        return out.toByteArray();
    }

    static Checkpoint decode(byte[] encoded) throws MalformedEncodingException {
        var in = CanonicalReader.of(encoded, DOMAIN, VERSION);
        long policySeq = in.u64("policy seq");
        Memory memory = in.u8("memory") == 0 ? Memory.WHOLE : Memory.LOST;
        int count = in.count("standings", MAX_STANDINGS);
        var standings = new ArrayList<Standing>();
        for (int i = 0; i < count; i++) {
            standings.add(standing(in));
        }
        int counts = in.count("directions", MAX_DIRECTIONS);
        var directions = new ArrayList<Count>();
        for (int i = 0; i < counts; i++) {
            directions.add(new Count(in.u64("subject"), in.u32("directions")));
        }
        in.end();
        return new Checkpoint(policySeq, memory, standings, directions);
    }

    private static Standing standing(CanonicalReader in) throws MalformedEncodingException {
        long id = in.u64("caller");
        float evidence = Float.intBitsToFloat(in.u32("evidence"));
        float bits = Float.intBitsToFloat(in.u32("bits"));
        char group = (char) (in.u8("group") << Byte.SIZE | in.u8("group"));
        Rung rung = rung(in.u8("rung"));
        if (!Float.isFinite(evidence) || !(bits >= 0)) {
            throw new MalformedEncodingException("guard state: evidence or bits out of range");
        }
        return new Standing(id, Math.exp(evidence), rung, group, bits);
    }

    private static Rung rung(int number) throws MalformedEncodingException {
        try {
            return Rung.ofNumber(number);
        } catch (IllegalArgumentException e) {
            throw new MalformedEncodingException("guard state: no rung " + number);
        }
    }
}
