package dev.strongroom.serving;

import dev.strongroom.attestation.Posture;
import dev.strongroom.enclave.posture.Condition;
import dev.strongroom.enclave.posture.Fitness;
import dev.strongroom.serving.NodeException.Exit;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** {@code node posture}: each condition of both levels, what is expected and what was found. */
final class PostureTable {
    private static final String HEADING = "CONDITION";

    private PostureTable() {}

    /**
     * Prints the table of this very process, as the node's would be.
     *
     * @throws NodeException DENIED when the configured level is not reached
     */
    static void print(NodeConfig config, PrintStream out) throws NodeException {
        List<Condition> conditions = Fitness.reach(Posture.HARDENED, config.source()).conditions();
        int width = conditions.stream().mapToInt(c -> c.name().length()).max().orElse(0);
        String row = "%-8s  %-" + width + "s  %-3s  %s%n";
        out.printf(row, "LEVEL", HEADING, "MET", "FOUND (EXPECTED)");
        for (Condition condition : conditions) {
            out.printf(
                    row,
                    word(condition.level()),
                    condition.name(),
                    condition.met() ? "yes" : "NO",
                    condition.met()
                            ? condition.found()
                            : condition.found() + " (" + condition.expected() + ")");
        }
        out.flush();
        long missing =
                conditions.stream()
                        .filter(c -> c.level().level() <= config.posture().level() && !c.met())
                        .count();
        if (missing > 0) {
            throw new NodeException(
                    Exit.DENIED,
                    missing
                            + " conditions of level "
                            + word(config.posture())
                            + " are missing: this process would hold no plaintext");
        }
    }

    private static String word(Posture level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
