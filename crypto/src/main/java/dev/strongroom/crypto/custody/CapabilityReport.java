package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a custodian was seen to do when it was opened.
 *
 * @param profile which table of claims it was measured against
 * @param basis on whose word the trust level rests
 * @param wrapFormats what its key wraps turned out to be, by known answers
 * @param oaepHashes the hashes of RSA-OAEP that gave known answers
 * @param held the guarantees that held; at least those that the profile claims
 */
public record CapabilityReport(
        String profile,
        LevelBasis basis,
        List<WrapFormat> wrapFormats,
        List<OaepHash> oaepHashes,
        Set<Guarantee> held) {
    /** On whose word the trust level rests. */
    public enum LevelBasis {
        /** What we know of the module. */
        PROFILE,
        /** The operator vouches for the module; the software cannot see what it is made of. */
        OPERATOR
    }

    public CapabilityReport {
        wrapFormats = List.copyOf(wrapFormats);
        oaepHashes = List.copyOf(oaepHashes);
        held = Set.copyOf(held);
    }

    /** Keys in this process: no guarantee holds against whoever controls it. */
    public static CapabilityReport inProcess(
            String profile, WrapFormat wrapFormat, OaepHash... oaepHashes) {
        return new CapabilityReport(
                profile,
                LevelBasis.PROFILE,
                List.of(wrapFormat),
                List.of(oaepHashes),
                EnumSet.noneOf(Guarantee.class));
    }
}
