package dev.strongroom.serving;

import java.util.List;
import java.util.Set;

/** What {@code node --help} and {@code tune --help} say. */
final class NodeUsage {
    private static final Set<String> ASKING = Set.of("-h", "--help", "help");

    static final String TUNE =
            """
            usage:
              tune --config FILE [--model TENANT/NAME] [--callers 1,16] [--rows 1] [--size 32]
                   [--seconds 60] [--inferences 1000000] [-o json]
                  opens the model under a lease, tries how it runs best on this machine, and
                  prints the line for the configuration
            options:
              --callers N,N     how many ask at a time: 1 for the quickest answer, 16 for rows a second
              --rows N          rows in a request
              --size N          what every dimension gets that the model leaves open
              --seconds N       how long it may take
              --inferences N    how many inferences of the lease it may use
            """;

    static final String NODE =
            """
            usage:
              node --config FILE
                  gets a lease, opens the configured models and serves them; prints its addresses
                  as one JSON line when it is ready
              node reseal --config FILE
                  seals the configured version under a new data key, and ends
              node posture --config FILE
                  shows what this process meets of the levels base and hardened, and ends
              node host-data --config FILE
                  prints what a machine for the configured owners is launched with, and ends
              tune --config FILE
                  finds how a model runs best on this machine; see: tune --help
            the file is YAML; docs/configuration.md has every key:
              vault: HOST:PORT
              pin: HEX                       # printed by vault init
              identity: {ca: /PATH/ca.pem, cert: /PATH/cert.pem, key: /PATH/key.pem}
              model: TENANT/NAME
              dataDir: /var/lib/strongroom-node
            exit codes:
              0 ok   1 usage, configuration or this machine   2 the vault does not answer
              3 not found   4 denied, no TEE, or not fit to hold plaintext
              5 integrity: something is not what was signed
            """;

    private NodeUsage() {}

    /** Whether help is asked for, of the node or of one of its modes. */
    static boolean isAskedFor(List<String> arguments) {
        return arguments.stream().limit(2).anyMatch(ASKING::contains);
    }
}
