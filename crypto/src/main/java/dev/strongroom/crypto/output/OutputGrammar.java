package dev.strongroom.crypto.output;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.output.OutputPolicy.Caps;
import dev.strongroom.crypto.output.OutputPolicy.Defence;
import dev.strongroom.crypto.output.OutputPolicy.Ladder;
import dev.strongroom.crypto.output.OutputPolicy.Network;
import dev.strongroom.crypto.output.OutputPolicy.Noise;
import dev.strongroom.crypto.output.OutputPolicy.Sessions;
import dev.strongroom.crypto.output.OutputPolicy.Switch;
import dev.strongroom.crypto.output.OutputPolicy.Toil;
import dev.strongroom.crypto.puzzle.Puzzle;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the grammar that {@link OutputPolicy} documents, and nothing outside it. */
final class OutputGrammar {
    private static final String IDENTITY_FORM = "[a-z0-9-]{1,63}/[a-z]{1,16}/[A-Za-z0-9._-]{1,63}";
    private static final String SWITCH = "state";
    private static final int MOST_SECONDS = 366 * 24 * 3600;

    private OutputGrammar() {}

    static OutputPolicy parse(byte[] json) throws OutputFormatException {
        var document =
                Fields.of(
                        read(json),
                        "policy",
                        "version",
                        "outputs",
                        "tiers",
                        "caps",
                        "detector",
                        "ladder",
                        "noise",
                        "puzzle",
                        "fingerprint",
                        "network",
                        "sessions",
                        "pardons");
        document.number("version", 1, 1);
        List<ShownOutput> outputs = document.nonEmpty("outputs", OutputGrammar::output);
        requireDistinct("outputs", outputs, ShownOutput::name);
        List<Tier> tiers = document.nonEmpty("tiers", OutputGrammar::tier);
        requireDistinct("tiers", tiers, Tier::name);
        return new OutputPolicy(
                outputs,
                tiers,
                caps(document.get("caps")),
                document.oneOf("detector", Defence.values(), Defence::label),
                ladder(document.get("ladder")),
                noise(document.get("noise")),
                puzzle(document.get("puzzle")),
                document.oneOf("fingerprint", Defence.values(), Defence::label),
                network(document.get("network")),
                sessions(document.get("sessions")),
                document.list("pardons", who -> Fields.text(who, "pardon", IDENTITY_FORM)));
    }

    private static Object read(byte[] json) throws OutputFormatException {
        try {
            return Json.parse("policy", json, PolicyDocument.MAX_BODY_BYTES);
        } catch (MalformedEncodingException e) {
            throw new OutputFormatException(String.valueOf(e.getMessage()));
        }
    }

    private static ShownOutput output(Object json) throws OutputFormatException {
        var output = Fields.of(json, "output", "name", "kind");
        return new ShownOutput(
                output.text("name", ShownOutput.NAME_FORM),
                output.oneOf("kind", ShownOutput.Kind.values(), ShownOutput.Kind::label));
    }

    private static Tier tier(Object json) throws OutputFormatException {
        var tier =
                Fields.of(
                        json,
                        "tier",
                        "tier",
                        "vouchers",
                        "outputs",
                        "digits",
                        "topK",
                        "raw",
                        "rotate",
                        "directions",
                        "rate",
                        "groupRate",
                        "rowsPerDay",
                        "rowsPerLease",
                        "price");
        return new Tier(
                tier.oneOf("tier", TierName.values(), TierName::label),
                tier.list("vouchers", OutputGrammar::voucher),
                tier.nonEmpty(
                        "outputs", name -> Fields.text(name, "output", ShownOutput.NAME_FORM)),
                tier.integerOr("digits", "exact", Tier.EXACT, 0, Tier.MAX_DIGITS),
                tier.integerOr("topK", "all", Tier.ALL, 1, Tier.ALL - 1),
                tier.truth("raw"),
                tier.truth("rotate"),
                tier.integerOr("directions", "all", Tier.ALL, 0, Tier.MAX_DIRECTIONS),
                rate(tier.get("rate"), "rate"),
                rate(tier.get("groupRate"), "groupRate"),
                tier.number("rowsPerDay", 0, Rate.MOST),
                tier.number("rowsPerLease", 0, Rate.MOST),
                tier.integer("price", 1, 1_000_000));
    }

    private static Voucher voucher(Object json) throws OutputFormatException {
        var voucher = Fields.of(json, "voucher", "issuer", "tenant", "role", "key");
        return new Voucher(
                voucher.text("issuer", Voucher.ISSUER_FORM),
                voucher.text("tenant", Voucher.TENANT_FORM),
                voucher.text("role", Voucher.ROLE_FORM),
                voucher.text("key", Voucher.ISSUER_FORM));
    }

    private static Rate rate(@Nullable Object json, String where) throws OutputFormatException {
        var rate = Fields.of(json, where, "rowsPerSecond", "burst");
        return new Rate(
                rate.number("rowsPerSecond", 1, Rate.MOST), rate.number("burst", 1, Rate.MOST));
    }

    private static Caps caps(@Nullable Object json) throws OutputFormatException {
        var caps = Fields.of(json, "caps", "rowsPerBoot", "rowsPerLease");
        return new Caps(
                caps.number("rowsPerBoot", 0, Rate.MOST),
                caps.number("rowsPerLease", 0, Rate.MOST));
    }

    private static Ladder ladder(@Nullable Object json) throws OutputFormatException {
        var ladder =
                Fields.of(json, "ladder", "coarse", "top1", "label", "quotaPermille", "maxPrice");
        long coarse = ladder.number("coarse", 2, Rate.MOST);
        long top1 = ladder.number("top1", coarse, Rate.MOST);
        return new Ladder(
                coarse,
                top1,
                ladder.number("label", top1, Rate.MOST),
                ladder.integer("quotaPermille", 1, 1000),
                ladder.integer("maxPrice", 1, 1_000_000));
    }

    private static Noise noise(@Nullable Object json) throws OutputFormatException {
        var noise = Fields.of(json, "noise", SWITCH, "cellPermille", "amplitudePermille");
        return new Noise(
                noise.oneOf(SWITCH, Switch.values(), Switch::label),
                noise.integer("cellPermille", 1, 1000),
                noise.integer("amplitudePermille", 0, 1000));
    }

    private static Toil puzzle(@Nullable Object json) throws OutputFormatException {
        var puzzle = Fields.of(json, "puzzle", SWITCH, "memoryKib", "passes");
        return new Toil(
                puzzle.oneOf(SWITCH, Switch.values(), Switch::label),
                puzzle.integer("memoryKib", Puzzle.LEAST_MEMORY_KIB, Puzzle.MOST_MEMORY_KIB),
                puzzle.integer("passes", 1, Puzzle.MOST_PASSES));
    }

    private static Network network(@Nullable Object json) throws OutputFormatException {
        var network = Fields.of(json, "network", "allow", "deny", "rate");
        return new Network(
                network.nonEmpty("allow", OutputGrammar::range),
                network.list("deny", OutputGrammar::range),
                rate(network.get("rate"), "network.rate"));
    }

    private static Cidr range(Object json) throws OutputFormatException {
        return Cidr.parse(Fields.text(json, "address range", "[0-9a-f.:/]{3,43}"));
    }

    private static Sessions sessions(@Nullable Object json) throws OutputFormatException {
        var sessions = Fields.of(json, "sessions", "idleSeconds", "absoluteSeconds", "concurrent");
        return new Sessions(
                sessions.number("idleSeconds", 1, MOST_SECONDS),
                sessions.number("absoluteSeconds", 1, MOST_SECONDS),
                sessions.integer("concurrent", 1, 1_000_000));
    }

    private static <T> void requireDistinct(String where, List<T> list, Function<T, Object> key)
            throws OutputFormatException {
        if (list.stream().map(key).distinct().count() != list.size()) {
            throw new OutputFormatException(where + ": expected no name twice");
        }
    }
}
