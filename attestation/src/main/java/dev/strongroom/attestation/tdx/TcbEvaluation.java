package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Intel's TCB evaluation (API documentation, "TCB status evaluation for TDX"; quote verification
 * library, tdxEvaluateTCB): the first platform level whose security versions are all reached, the
 * first level of the module's identity, the first level of the quoting enclave's identity, and of
 * the three everything that is wrong with any.
 */
final class TcbEvaluation {
    private final TcbInfo tcbInfo;
    private final QeIdentity qeIdentity;
    private final PckExtension pck;
    private final int qeSvn;

    TcbEvaluation(TcbInfo tcbInfo, QeIdentity qeIdentity, PckExtension pck, int qeSvn) {
        this.tcbInfo = tcbInfo;
        this.qeIdentity = qeIdentity;
        this.pck = pck;
        this.qeSvn = qeSvn;
    }

    /** What one set of security versions amounts to. */
    private record Rating(TcbStatus status, Instant tcbDate, List<String> advisories) {}

    /**
     * Rates the versions of a report.
     *
     * @throws TdxRefusal if Intel does not know them, or they are revoked
     */
    TcbAssessment of(TdReport report) throws TdxRefusal {
        Rating launch = rate(report.teeTcbSvn());
        Rating current =
                report.currentTeeTcbSvn().isPresent()
                        ? rate(report.currentTeeTcbSvn().get())
                        : launch;
        var advisories = new TreeSet<>(launch.advisories());
        advisories.addAll(current.advisories());
        return new TcbAssessment(
                launch.status(),
                current.status(),
                advisories,
                launch.tcbDate(),
                Math.min(tcbInfo.evaluationDataNumber(), qeIdentity.evaluationDataNumber()));
    }

    private Rating rate(TeeTcbSvn svn) throws TdxRefusal {
        TcbLevel platform =
                tcbInfo.levels().stream()
                        .filter(level -> level.isReachedBy(pck, svn))
                        .findFirst()
                        .orElseThrow(() -> unknown("platform"));
        var parts = new ArrayList<IsvLevel>();
        if (svn.moduleVersion() > 0) {
            parts.add(
                    IsvLevel.reachedBy(svn.moduleSvn(), module(svn).levels())
                            .orElseThrow(() -> unknown("TDX module")));
        }
        parts.add(
                IsvLevel.reachedBy(qeSvn, qeIdentity.levels())
                        .orElseThrow(() -> unknown("quoting enclave")));
        return rating(platform, parts);
    }

    private ModuleIdentity module(TeeTcbSvn svn) throws TdxRefusal {
        return tcbInfo.moduleOf(svn.moduleVersion()).orElseThrow(() -> unknown("TDX module"));
    }

    private static Rating rating(TcbLevel platform, List<IsvLevel> parts) throws TdxRefusal {
        TcbStatus status = platform.status();
        Instant tcbDate = platform.tcbDate();
        var advisories = new ArrayList<>(platform.advisories());
        for (IsvLevel part : parts) {
            status = status.and(part.status());
            tcbDate = part.tcbDate().isBefore(tcbDate) ? part.tcbDate() : tcbDate;
            advisories.addAll(part.advisories());
        }
        if (status == TcbStatus.REVOKED) {
            throw new TdxRefusal("tdx.tcb.revoked", "Intel revoked these security versions");
        }
        return new Rating(status, tcbDate, advisories);
    }

    private static TdxRefusal unknown(String part) {
        return new TdxRefusal(
                "tdx.tcb.no-match",
                "the security versions of the %s reach no level that Intel names".formatted(part));
    }
}
