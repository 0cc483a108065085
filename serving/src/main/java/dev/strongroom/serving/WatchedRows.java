package dev.strongroom.serving;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.RowWatch;
import dev.strongroom.serving.guard.Watch;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The detector of one version, if the version is calibrated; what it has seen goes on under every
 * policy. Thread-safe.
 */
record WatchedRows(Optional<RowWatch> rows) {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedRows.class);

    static WatchedRows of(LeaseLife life, SecureRandom random) {
        return new WatchedRows(
                life.calibration()
                        .map(known -> new RowWatch(known, random, InstantSource.system())));
    }

    /**
     * The detector, where the policy wants one and the version is calibrated. Ville's inequality
     * bounds how often an honest caller's own evidence ever passes a threshold; what is pooled with
     * suspected colluders has no such bound.
     */
    Watch under(OutputPolicy rules) {
        if (rules.detector() == OutputPolicy.Defence.OFF) {
            return Watch.NONE;
        }
        if (rows.isEmpty()) {
            LOG.warn(
                    "guard.unwatched the policy wants a detector and the version has no"
                            + " calibration: strongroom guard calibrate, then push anew");
            return Watch.NONE;
        }
        LOG.info("guard.watches guarantee=ville pooled-guarantee=none");
        return Watch.of(rows.get());
    }
}
