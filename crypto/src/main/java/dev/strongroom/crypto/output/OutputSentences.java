package dev.strongroom.crypto.output;

import dev.strongroom.crypto.output.OutputPolicy.Defence;
import dev.strongroom.crypto.output.OutputPolicy.Switch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** An output policy for people to read before they sign it. */
final class OutputSentences {
    private OutputSentences() {}

    static List<String> of(OutputPolicy policy) {
        var sentences = new ArrayList<String>();
        policy.outputs().forEach(output -> sentences.add(output(output)));
        policy.tiers().reversed().forEach(tier -> sentences.add(tier(tier)));
        sentences.add(
                "all callers of a node together: at most %d rows a boot and %d a lease"
                        .formatted(policy.caps().rowsPerBoot(), policy.caps().rowsPerLease()));
        sentences.add(detector(policy.detector()));
        sentences.add(ladder(policy.ladder()));
        if (policy.noise().state() == Switch.ON) {
            sentences.add(
                    "probabilities move by up to %d permille, the same for the same cell"
                            .formatted(policy.noise().amplitudePermille()));
        }
        if (policy.puzzle().state() == Switch.ON) {
            sentences.add(
                    "who pays more than one row for a row computes as many hashes first, each with %d KiB"
                            .formatted(policy.puzzle().memoryKib()));
        }
        sentences.add(fingerprint(policy.fingerprint()));
        sentences.add(network(policy.network()));
        sentences.add(
                "a caller has at most %d connections, each for %d s and for %d s without a call"
                        .formatted(
                                policy.sessions().concurrent(),
                                policy.sessions().absoluteSeconds(),
                                policy.sessions().idleSeconds()));
        policy.pardons().forEach(who -> sentences.add("pardon: evidence against " + who));
        return List.copyOf(sentences);
    }

    private static String output(ShownOutput output) {
        return (output.name().equals("*") ? "every other output" : "output " + output.name())
                + " is "
                + output.kind().label();
    }

    private static String tier(Tier tier) {
        return "%s, which %s: %s; %s; %d rows/s in bursts of %d, %d a day, %d a lease, price %d"
                .formatted(
                        tier.name().label(),
                        tier.vouchers().isEmpty()
                                ? "nobody has"
                                : tier.vouchers().stream()
                                        .map(OutputSentences::voucher)
                                        .collect(Collectors.joining(" or ")),
                        String.join(", ", tier.outputs()),
                        precision(tier),
                        tier.rate().rowsPerSecond(),
                        tier.rate().burst(),
                        tier.rowsPerDay(),
                        tier.rowsPerLease(),
                        tier.price());
    }

    private static String precision(Tier tier) {
        return (tier.digits() == Tier.EXACT ? "all digits" : tier.digits() + " digits")
                + (tier.topK() == Tier.ALL ? ", all classes" : ", " + tier.topK() + " classes")
                + (tier.raw() ? ", raw logits" : "")
                + (tier.rotate() ? ", embeddings rotated" : "")
                + (tier.directions() == Tier.ALL
                        ? ""
                        : ", a group sees " + tier.directions() + " directions of vectors");
    }

    private static String voucher(Voucher voucher) {
        return "issuer %s tenant %s role %s key %s has"
                .formatted(voucher.issuer(), voucher.tenant(), voucher.role(), voucher.key());
    }

    private static String detector(Defence detector) {
        String watched =
                "extraction is watched for, and an honest caller's evidence ever reaches N with"
                        + " probability 1/N at most; a version without a calibration is ";
        return switch (detector) {
            case OFF -> "extraction is not watched for";
            case ON -> watched + "served unwatched";
            case REQUIRED -> watched + "not served";
        };
    }

    private static String fingerprint(Defence fingerprint) {
        String marked = "copies are marked; a version without a fingerprint key is ";
        return switch (fingerprint) {
            case OFF -> "copies are not marked";
            case ON -> marked + "served unmarked";
            case REQUIRED -> marked + "not served";
        };
    }

    private static String ladder(OutputPolicy.Ladder ladder) {
        return ("evidence of %d: two digits; of %d: best class and band; of %d: best class, a"
                        + " ticket and %d permille of the rows; a row costs up to %d times")
                .formatted(
                        ladder.coarse(),
                        ladder.top1(),
                        ladder.label(),
                        ladder.quotaPermille(),
                        ladder.maxPrice());
    }

    private static String network(OutputPolicy.Network network) {
        return "calls from %s but not from %s, each address %d rows/s in bursts of %d"
                .formatted(
                        Spelling.list(network.allow(), Cidr::canonical),
                        Spelling.list(network.deny(), Cidr::canonical),
                        network.rate().rowsPerSecond(),
                        network.rate().burst());
    }
}
