package dev.strongroom.crypto.output;

import static dev.strongroom.crypto.output.Spelling.list;

import dev.strongroom.attestation.Digest;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An owner's rules for what a node gives out. The grammar is closed, every field is needed and
 * everything outside it is refused, so that a policy never means less than its author reads in it:
 *
 * <pre>{@code
 * {"version": 1,
 *  "outputs": [{"name": NAME | "*", "kind": "auto" | "probabilities" | "logits" | "logprobs"
 *                                          | "embedding" | "labels"}, …],
 *  "tiers": [{"tier": "anonymous" | "trial" | "partner" | "trusted",
 *             "vouchers": [{"issuer": HEX | "*", "tenant": NAME | "*",
 *                           "role": ROLE | "*", "key": HEX | "*"}, …],
 *             "outputs": [NAME | "*", …], "digits": 0 to 9 | "exact", "topK": 1 … | "all",
 *             "raw": BOOLEAN, "rotate": BOOLEAN, "directions": 0 to 256 | "all",
 *             "rate": RATE, "groupRate": RATE, "rowsPerDay": N, "rowsPerLease": N, "price": N}, …],
 *  "caps": {"rowsPerBoot": N, "rowsPerLease": N},
 *  "detector": "on" | "required" | "off",
 *  "ladder": {"coarse": N, "top1": N, "label": N, "quotaPermille": N, "maxPrice": N},
 *  "noise": {"state": "on" | "off", "cellPermille": N, "amplitudePermille": N},
 *  "puzzle": {"state": "on" | "off", "memoryKib": N, "passes": N},
 *  "fingerprint": "on" | "required" | "off",
 *  "network": {"allow": [CIDR, …], "deny": [CIDR, …], "rate": RATE},
 *  "sessions": {"idleSeconds": N, "absoluteSeconds": N, "concurrent": N},
 *  "pardons": [IDENTITY, …]}
 * RATE = {"rowsPerSecond": N, "burst": N}
 * }</pre>
 *
 * <p>Rows are what one call asks the model for, not calls. An address must be in {@code allow} and
 * not in {@code deny}. Who is in no tier is refused. A pardon resets the evidence against one
 * identity ({@code tenant/role/name}) once, when this revision comes into force.
 *
 * <p>Immutable and thread-safe.
 *
 * @param caps that no slice and no tier exceeds
 * @param detector watches for extraction; needs the version's calibration
 * @param fingerprint marks each copy when it is opened; needs the version's fingerprint key
 * @param pardons identities whose evidence is forgotten, {@code tenant/role/name}
 */
public record OutputPolicy(
        List<ShownOutput> outputs,
        List<Tier> tiers,
        Caps caps,
        Defence detector,
        Ladder ladder,
        Noise noise,
        Toil puzzle,
        Defence fingerprint,
        Network network,
        Sessions sessions,
        List<String> pardons) {
    /** Something that is done or not. */
    public enum Switch {
        ON,
        OFF;

        String label() {
            return this == ON ? "on" : "off";
        }
    }

    /** Rows of all callers of a node together. */
    public record Caps(long rowsPerBoot, long rowsPerLease) {
        /** No lease is good for more inferences: each asks for a row at least. */
        public long inferencesPerLease() {
            return Math.min(rowsPerBoot, rowsPerLease);
        }

        String canonical() {
            return "{\"rowsPerBoot\":%d,\"rowsPerLease\":%d}".formatted(rowsPerBoot, rowsPerLease);
        }
    }

    /** A defence that a version must have been pushed for. */
    public enum Defence {
        /** For versions that were. */
        ON,
        /** A version that was not is not served. */
        REQUIRED,
        /** For none. */
        OFF;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Evidence at which answers get coarser.
     *
     * @param coarse two digits from here on
     * @param top1 only the best class and a band of its confidence
     * @param label only the best class; the caller gets a ticket. An honest caller ever gets here
     *     with probability 1/this at most
     * @param quotaPermille of the caller's rows that are left from {@code label} on
     * @param maxPrice rows that one row costs at most, the tier's price apart
     */
    public record Ladder(long coarse, long top1, long label, int quotaPermille, int maxPrice) {
        String canonical() {
            return ("{\"coarse\":%d,\"top1\":%d,\"label\":%d,\"quotaPermille\":%d,"
                            + "\"maxPrice\":%d}")
                    .formatted(coarse, top1, label, quotaPermille, maxPrice);
        }
    }

    /**
     * Noise that depends on the cell of an answer only, so that asking again averages nothing.
     *
     * @param cellPermille width of a cell of probability
     * @param amplitudePermille most that a probability moves
     */
    public record Noise(Switch state, int cellPermille, int amplitudePermille) {
        String canonical() {
            return "{\"state\":\"%s\",\"cellPermille\":%d,\"amplitudePermille\":%d}"
                    .formatted(state.label(), cellPermille, amplitudePermille);
        }
    }

    /**
     * Hashes that a caller with a price above one computes before he is answered: as many on
     * average as his rows cost.
     *
     * @param memoryKib of one hash
     * @param passes over it
     */
    public record Toil(Switch state, int memoryKib, int passes) {
        String canonical() {
            return "{\"state\":\"%s\",\"memoryKib\":%d,\"passes\":%d}"
                    .formatted(state.label(), memoryKib, passes);
        }
    }

    /**
     * Which transport peers may call, and how much each.
     *
     * @param rate of each source address, at all models of this owner on a node together
     */
    public record Network(List<Cidr> allow, List<Cidr> deny, Rate rate) {
        public Network {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
        }

        /** True when calls from the address are taken; a denial beats an allowance. */
        public boolean admits(InetAddress peer) {
            return allow.stream().anyMatch(range -> range.contains(peer))
                    && deny.stream().noneMatch(range -> range.contains(peer));
        }

        String canonical() {
            return "{\"allow\":%s,\"deny\":%s,\"rate\":%s}"
                    .formatted(
                            list(allow, Cidr::canonical),
                            list(deny, Cidr::canonical),
                            rate.canonical());
        }
    }

    /**
     * How long a caller's connection counts, and how many he may have.
     *
     * @param idleSeconds without a call
     * @param absoluteSeconds in all
     * @param concurrent of one caller
     */
    public record Sessions(long idleSeconds, long absoluteSeconds, int concurrent) {
        public Duration idle() {
            return Duration.ofSeconds(idleSeconds);
        }

        public Duration absolute() {
            return Duration.ofSeconds(absoluteSeconds);
        }

        String canonical() {
            return "{\"idleSeconds\":%d,\"absoluteSeconds\":%d,\"concurrent\":%d}"
                    .formatted(idleSeconds, absoluteSeconds, concurrent);
        }
    }

    public OutputPolicy {
        outputs = List.copyOf(outputs);
        tiers = tiers.stream().sorted(Comparator.comparing(Tier::name)).toList();
        pardons = List.copyOf(pardons);
    }

    /**
     * Reads a policy, at most 32 KiB of JSON.
     *
     * @throws OutputFormatException if it is anything else than the grammar says
     */
    public static OutputPolicy parse(byte[] json) throws OutputFormatException {
        return OutputGrammar.parse(json);
    }

    /** A complete policy to start from; {@link StandardPolicy} says what is in it. */
    public static OutputPolicy standard() {
        return StandardPolicy.POLICY;
    }

    /** The best tier that somebody vouches for with this certificate; empty: refused. */
    public Optional<Tier> tierOf(String issuer, String tenant, String role, String key) {
        Optional<Tier> highest = Optional.empty();
        for (Tier tier : tiers) {
            if ((highest.isEmpty() || tier.name().compareTo(highest.get().name()) > 0)
                    && vouches(tier, issuer, tenant, role, key)) {
                highest = Optional.of(tier);
            }
        }
        return highest;
    }

    private static boolean vouches(
            Tier tier, String issuer, String tenant, String role, String key) {
        for (Voucher voucher : tier.vouchers()) {
            if (voucher.vouchesFor(issuer, tenant, role, key)) {
                return true;
            }
        }
        return false;
    }

    /** What an output of the model is; empty when the policy does not know it, which hides it. */
    public Optional<ShownOutput.Kind> kindOf(String output) {
        Optional<ShownOutput.Kind> any = Optional.empty();
        for (ShownOutput shown : outputs) {
            if (shown.name().equals(output)) {
                return Optional.of(shown.kind());
            }
            if (shown.name().equals("*")) {
                any = Optional.of(shown.kind());
            }
        }
        return any;
    }

    /** What the policy says, one sentence a rule. For people. */
    public List<String> explain() {
        return OutputSentences.of(this);
    }

    /** The policy in its only canonical spelling: no white space, fields in a fixed order. */
    public String canonical() {
        return ("{\"version\":1,\"outputs\":%s,\"tiers\":%s,\"caps\":%s,\"detector\":\"%s\","
                        + "\"ladder\":%s,\"noise\":%s,\"puzzle\":%s,\"fingerprint\":\"%s\","
                        + "\"network\":%s,\"sessions\":%s,\"pardons\":%s}")
                .formatted(
                        list(outputs, ShownOutput::canonical),
                        list(tiers, Tier::canonical),
                        caps.canonical(),
                        detector.label(),
                        ladder.canonical(),
                        noise.canonical(),
                        puzzle.canonical(),
                        fingerprint.label(),
                        network.canonical(),
                        sessions.canonical(),
                        list(pardons, Spelling::quoted));
    }

    /** SHA-256 of the canonical form: equal for policies that differ in spelling only. */
    public Digest digest() {
        return Digest.sha256(canonical().getBytes(StandardCharsets.UTF_8));
    }
}
