package dev.strongroom.serving.guard.state;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.serving.guard.PolicyGuard.Memory;
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
 */
record Checkpoint(long policySeq, Memory memory, List<Standing> standings) {
    /** A megabyte holds as many; the most suspicious are kept. */
    static final int MAX_STANDINGS = 40_000;

    private static final String DOMAIN = "strongroom/guard-state";

    Checkpoint {
        standings =
                standings.stream()
                        .sorted(Comparator.comparingDouble(Standing::evidence).reversed())
                        .limit(MAX_STANDINGS)
                        .toList();
    }

    byte[] encode() {
        var out =
                Canonical.of(DOMAIN, 1)
                        .u64(policySeq)
                        .u8(memory == Memory.LOST ? 1 : 0)
                        .u32(standings.size());
        for (Standing standing : standings) {
            out.u64(standing.id())
                    .u64(Double.doubleToRawLongBits(standing.evidence()))
                    .u8(standing.rung().number())
                    .u8(standing.floor().number())
                    .u8(standing.suspended() ? 1 : 0);
        }
        return out.toByteArray();
    }

    static Checkpoint decode(byte[] encoded) throws MalformedEncodingException {
        var in = CanonicalReader.of(encoded, DOMAIN, 1);
        long policySeq = in.u64("policy seq");
        Memory memory = in.u8("memory") == 0 ? Memory.WHOLE : Memory.LOST;
        int count = in.count("standings", MAX_STANDINGS);
        var standings = new ArrayList<Standing>();
        for (int i = 0; i < count; i++) {
            standings.add(
                    new Standing(
                            in.u64("caller"),
                            Double.longBitsToDouble(in.u64("evidence")),
                            rung(in.u8("rung")),
                            rung(in.u8("floor")),
                            in.u8("suspended") != 0));
        }
        in.end();
        return new Checkpoint(policySeq, memory, standings);
    }

    private static Rung rung(int number) throws MalformedEncodingException {
        try {
            return Rung.ofNumber(number);
        } catch (IllegalArgumentException e) {
            throw new MalformedEncodingException("guard state: no rung " + number);
        }
    }
}
