package dev.strongroom.attestation.tdx;

import java.util.Arrays;
import java.util.Optional;

/** What makes an authentic trust domain unfit, whatever a policy says. */
public final class LaunchRules {
    private LaunchRules() {}

    /** The first rule that the domain breaks. */
    public static Optional<TdxVerdict.Refused> refusal(TdReport report) {
        TdAttributes attributes = report.tdAttributes();
        if (attributes.isUnderDebug()) {
            return refused(
                    "tdx.attributes.debug", "the host may read this domain: debugging is on");
        }
        if (attributes.has(TdAttributes.MIGRATABLE)) {
            return refused("tdx.attributes.migratable", "a migration domain may move this domain");
        }
        if (attributes.hasUnknown()) {
            return refused(
                    "tdx.attributes.unknown", "attributes: expected reserved bits to be zero");
        }
        if (!report.xfam().isKnown()) {
            return refused("tdx.xfam.unknown", "XFAM: expected x87, SSE and no reserved bit");
        }
        byte[] configId = report.mrConfigId();
        byte[] padded = Arrays.copyOf(report.hostData(), configId.length);
        if (!Arrays.equals(configId, padded)) {
            return refused(
                    "tdx.mrconfigid", "expected an owner's id of 32 bytes and zeros behind it");
        }
        return Optional.empty();
    }

    private static Optional<TdxVerdict.Refused> refused(String rule, String reason) {
        return Optional.of(new TdxVerdict.Refused(rule, reason));
    }
}
