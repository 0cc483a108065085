package dev.strongroom.ops;

import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.NodeProof;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.VersionDemand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which node is to be asked for which model, and what it has to prove first. */
final class NodeOptions {
    @Parameters(
            paramLabel = "NAME[@ALIAS]",
            converter = ServedName.Converter.class,
            description = {
                "tenant/name, whichever version the node serves; or tenant/name@alias, which a node that",
                "does not go by this alias refuses."
            })
    private ServedName asked;

    @Option(
            names = "--node",
            required = true,
            paramLabel = "HOST:PORT",
            description = "The node to ask.")
    private String node;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Own demands on the evidence instead of the owner's release policy.")
    private @Nullable Path policy;

    @Option(
            names = "--evidence-max-age",
            paramLabel = "SECONDS",
            description = {
                "Take the evidence in the node's certificate when it is at most so old by the vault's",
                "time; it is bound to the node's TLS key, not to this channel."
            })
    private @Nullable Long evidenceMaxAge;

    @Option(
            names = "--standing-max-age",
            paramLabel = "SECONDS",
            description = {
                "How old the vault's last word may be that the node's lease is not revoked; 300 when",
                "left out. A node that is cut off from its vault cannot show a younger one."
            })
    private @Nullable Long standingMaxAge;

    @ArgGroup private @Nullable Versions versions;

    /** At most one of the two. */
    static final class Versions {
        @Option(names = "--version", paramLabel = "N", description = "Accept this version only.")
        private @Nullable Long exact;

        @Option(names = "--min-version", paramLabel = "N", description = "Accept none before it.")
        private @Nullable Long lowest;

        VersionDemand demand() {
            return exact != null
                    ? VersionDemand.exactly(exact)
                    : lowest != null ? VersionDemand.atLeast(lowest) : VersionDemand.ANY;
        }
    }

    NodeTarget target(Session session) throws ClientException, IOException {
        return new NodeTarget(
                session.profile(),
                node,
                session.findVaultAddress(),
                session.pin(),
                asked.model(),
                asked.alias(),
                demand(),
                ownPolicy(),
                seconds("--evidence-max-age", evidenceMaxAge),
                seconds("--standing-max-age", standingMaxAge).orElse(NodeTarget.STANDING_MAX_AGE));
    }

    private static Optional<Duration> seconds(String option, @Nullable Long given)
            throws ClientException {
        if (given != null && given < 0) {
            throw ClientException.local(
                    option + " " + given + ": expected seconds from 0",
                    "leave it out for the usual");
        }
        return Optional.ofNullable(given).map(Duration::ofSeconds);
    }

    private VersionDemand demand() throws ClientException {
        try {
            return versions == null ? VersionDemand.ANY : versions.demand();
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "versions are counted from 1",
                    "give --version or --min-version a number from 1",
                    e);
        }
    }

    private Optional<ReleasePolicy> ownPolicy() throws ClientException, IOException {
        if (policy == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ReleasePolicy.parse(Files.readAllBytes(policy)));
        } catch (PolicyFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    policy + " is no release policy: " + e.getMessage(),
                    "correct the file, or leave --policy out to use the owner's",
                    e);
        }
    }

    /** What a node has proven. */
    static Answer.Fields proven(NodeProof proof) {
        return Answer.with("model", proof.model().toString())
                .with("version", proof.version())
                .with("attestation", "ok")
                .with("measurement", proof.attested().claims().measurement())
                .with("co_owners", proof.attested().transcript().owners().othersText())
                .with("manifest_digest", proof.manifestDigest().hex())
                .with("log_index", proof.logIndex())
                .with("lease_not_after", proof.leaseNotAfter().toString())
                .with("channel_binding", binding(proof))
                .with("evidence_not_before", proof.evidenceNotBefore().toString())
                .with("not_revoked_at", proof.notRevokedAt().toString());
    }

    private static String binding(NodeProof proof) {
        return switch (proof.binding()) {
            case PEER_KEY -> "peer-key";
            case TLS_EXPORTER -> "tls-exporter";
        };
    }
}
