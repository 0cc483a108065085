package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds what counts now among the collateral that was given: signed, for this platform, current, of
 * a TCB recovery that is recent enough; of several the newest, so that nobody who adds an older one
 * makes a platform look better.
 */
final class CurrentCollateral {
    private final TdxCollateral given;
    private final List<TcbSigner> signers;
    private final TdxRoots roots;
    private final Instant now;

    CurrentCollateral(TdxCollateral given, List<TcbSigner> signers, TdxRoots roots, Instant now) {
        this.given = given;
        this.signers = signers;
        this.roots = roots;
        this.now = now;
    }

    /** Reads the signed member of one kind of collateral. */
    @FunctionalInterface
    private interface Parser<T> {
        T parse(byte[] body) throws TdxFormatException;
    }

    private record Kind<T extends Dated>(
            String member, int maxBytes, Parser<T> parser, Predicate<T> fits) {}

    TcbInfo tcbInfo(PckExtension pck) throws TdxRefusal {
        var kind = new Kind<>(TcbInfo.MEMBER, TcbInfo.MAX_BYTES, TcbInfo::parse, i -> i.isFor(pck));
        return newest(given.tcbInfos(), kind);
    }

    QeIdentity qeIdentity() throws TdxRefusal {
        var kind =
                new Kind<>(QeIdentity.MEMBER, QeIdentity.MAX_BYTES, QeIdentity::parse, _ -> true);
        return newest(given.qeIdentities(), kind);
    }

    private <T extends Dated> T newest(List<byte[]> documents, Kind<T> kind) throws TdxRefusal {
        Optional<T> newest = Optional.empty();
        var refusals = new ArrayList<TdxRefusal>();
        for (byte[] document : documents) {
            try {
                T one = counting(document, kind);
                newest =
                        newest.filter(other -> Dated.AGE.compare(other, one) >= 0)
                                .or(() -> Optional.of(one));
            } catch (TdxRefusal e) {
                refusals.add(e);
            }
        }
        return newest.orElseThrow(() -> mostTelling(refusals, kind.member()));
    }

    private <T extends Dated> T counting(byte[] document, Kind<T> kind) throws TdxRefusal {
        T one = authentic(document, kind);
        if (!kind.fits().test(one)) {
            throw refusal("mismatch", kind, "is for another platform");
        }
        if (!one.isCurrentAt(now)) {
            throw refusal(
                    "stale",
                    kind,
                    "counts from %s to %s, not at %s; fetch it again"
                            .formatted(one.issueDate(), one.nextUpdate(), now));
        }
        if (one.evaluationDataNumber() < roots.minEvaluationDataNumber()) {
            throw refusal(
                    "evaluation-number",
                    kind,
                    "is of TCB recovery %d (expected: at least %d)"
                            .formatted(
                                    one.evaluationDataNumber(), roots.minEvaluationDataNumber()));
        }
        return one;
    }

    private <T extends Dated> T authentic(byte[] document, Kind<T> kind) throws TdxRefusal {
        try {
            SignedJson signed = SignedJson.parse(kind.member(), document, kind.maxBytes());
            if (signers.stream().noneMatch(signer -> signer.signed(signed))) {
                throw refusal("signature", kind, "is not signed by a TCB signing key");
            }
            return kind.parser().parse(signed.body());
        } catch (TdxFormatException e) {
            throw new TdxRefusal("tdx.collateral.format", String.valueOf(e.getMessage()));
        }
    }

    /** Collateral of other platforms may lie about: what is wrong with the right one says more. */
    private static TdxRefusal mostTelling(List<TdxRefusal> refusals, String member) {
        return refusals.stream()
                .filter(refusal -> !refusal.verdict().rule().equals("tdx.collateral.mismatch"))
                .findFirst()
                .or(() -> refusals.stream().findFirst())
                .orElseGet(() ->
                        new TdxRefusal(
                                "tdx.collateral.missing", "expected " + member + ", signed"));
    }

    private static TdxRefusal refusal(String rule, Kind<?> kind, String reason) {
        return new TdxRefusal("tdx.collateral." + rule, kind.member() + " " + reason);
    }
}
