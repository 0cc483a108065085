package dev.strongroom.crypto.output;

import static dev.strongroom.crypto.output.Spelling.list;

import java.util.List;

/**
 * What callers of one tier get.
 *
 * @param vouchers any of them vouches for a caller; none means that nobody has the tier
 * @param outputs names of the model's outputs that are shown; {@code *} is all that the policy
 *     knows
 * @param digits after the point of the largest value of a row; {@link #EXACT} is all
 * @param topK classes shown per row; {@link #ALL} is all
 * @param raw whether logits are shown as they are; else they become probabilities
 * @param rotate whether embeddings are turned by the tenant's secret rotation
 * @param directions that a group may see of an output whose rows are vectors, or probabilities of
 *     all classes: who has seen as many as there are has the model's last layer; {@link #ALL} is
 *     not counted
 * @param rate of each caller, here and at all models of this owner on a node together
 * @param groupRate of all callers of one group together
 * @param rowsPerDay of each caller, over all nodes
 * @param rowsPerLease of each caller, under one lease of one node
 * @param price rows that one row costs
 */
public record Tier(
        TierName name,
        List<Voucher> vouchers,
        List<String> outputs,
        int digits,
        int topK,
        boolean raw,
        boolean rotate,
        int directions,
        Rate rate,
        Rate groupRate,
        long rowsPerDay,
        long rowsPerLease,
        int price) {
    /** As precise as the model is. */
    public static final int EXACT = 99;

    /** Every class. */
    public static final int ALL = Integer.MAX_VALUE;

    /** The most directions that are counted. */
    public static final int MAX_DIRECTIONS = 256;

    static final int MAX_DIGITS = 9; // a float has no more

    public Tier {
        vouchers = List.copyOf(vouchers);
        outputs = List.copyOf(outputs);
    }

    /** True when callers of this tier see the output, if the policy knows it. */
    public boolean shows(String output) {
        return outputs.contains("*") || outputs.contains(output);
    }

    String canonical() {
        return ("{\"tier\":\"%s\",\"vouchers\":%s,\"outputs\":%s,\"digits\":%s,\"topK\":%s,"
                        + "\"raw\":%s,\"rotate\":%s,\"directions\":%s,\"rate\":%s,\"groupRate\":%s,"
                        + "\"rowsPerDay\":%d,\"rowsPerLease\":%d,\"price\":%d}")
                .formatted(
                        name.label(),
                        list(vouchers, Voucher::canonical),
                        list(outputs, Spelling::quoted),
                        digits == EXACT ? "\"exact\"" : digits,
                        topK == ALL ? "\"all\"" : topK,
                        raw,
                        rotate,
                        directions == ALL ? "\"all\"" : directions,
                        rate.canonical(),
                        groupRate.canonical(),
                        rowsPerDay,
                        rowsPerLease,
                        price);
    }
}
