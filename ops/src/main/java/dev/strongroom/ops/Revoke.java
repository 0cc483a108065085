package dev.strongroom.ops;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.proto.v1.RevokeResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends leases at once and refuses further ones. One sub-command for each kind of subject. */
abstract class Revoke implements Callable<Integer> {
    private final Session session;
    private final String kind;

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, in one line: it goes into the log and to the nodes.")
    private String reason;

    @Option(names = "--dry-run", description = "Only say how many leases would end.")
    private boolean dryRun;

    Revoke(Session session, String kind) {
        this.session = session;
        this.kind = kind;
    }

    /** As the vault spells it. */
    abstract String subject();

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var request =
                    RevokeRequest.newBuilder()
                            .setTarget(
                                    RevocationTarget.newBuilder()
                                            .setKind(kind)
                                            .setSubject(subject()))
                            .setReason(reason)
                            .build();
            RevokeResponse done =
                    dryRun ? vault.admin().planRevoke(request) : vault.admin().revoke(request);
            Answer.Fields answer =
                    Answer.with("kind", kind)
                            .with("subject", subject())
                            .with("leases", done.getLeases())
                            .with("connected", done.getConnected());
            return session.print(
                    dryRun
                            ? answer.with("state", "planned").one()
                            : answer.with("audit_leaf", done.getProof().getLeafIndex()).one());
        }
    }

    /** {@code tenant/name} of a node, or its whole identity. */
    static String nodeIdentity(String name) {
        return name.startsWith("spiffe:") ? name : "spiffe://strongroom/" + slashed(name);
    }

    private static String slashed(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? name : name.substring(0, slash) + "/node/" + name.substring(slash + 1);
    }

    @Command(name = "node", description = "Stop a node, whatever it serves.")
    static final class Node extends Revoke {
        @Parameters(paramLabel = "TENANT/NAME", description = "Or its identity, spiffe://...")
        private String name;

        Node(Session session) {
            super(session, "node");
        }

        @Override
        String subject() {
            return nodeIdentity(name);
        }
    }

    @Command(name = "model", description = "Stop every node that serves any version of a model.")
    static final class Model extends Revoke {
        @Parameters(paramLabel = "MODEL", converter = VersionName.ModelConverter.class)
        private ModelName model;

        Model(Session session) {
            super(session, "model");
        }

        @Override
        String subject() {
            return model.toString();
        }
    }

    @Command(name = "version", description = "Stop every node that serves one version of a model.")
    static final class Version extends Revoke {
        @Parameters(paramLabel = "MODEL:NUMBER", converter = VersionName.Converter.class)
        private VersionName version;

        Version(Session session) {
            super(session, "version");
        }

        @Override
        String subject() {
            return version.model() + ":" + version.number();
        }
    }

    @Command(
            name = "measurement",
            description = "Stop every node whose image has this launch measurement.")
    static final class Measurement extends Revoke {
        @Parameters(paramLabel = "HEX")
        private String hex;

        Measurement(Session session) {
            super(session, "measurement");
        }

        @Override
        String subject() {
            return hex;
        }
    }

    @Command(name = "chip", description = "Stop every node on one chip.")
    static final class Chip extends Revoke {
        @Parameters(
                paramLabel = "ID",
                description = "As the field chip of `audit list` shows it for key.released.")
        private String id;

        Chip(Session session) {
            super(session, "chip");
        }

        @Override
        String subject() {
            return id;
        }
    }

    @Command(
            name = "policy",
            description = {
                "Stop every node whose lease was given under one revision of a policy.",
                "Set another revision first: otherwise nothing can be served."
            })
    static final class Policy extends Revoke {
        @Parameters(paramLabel = "DIGEST", description = "SHA-256 of the revision, in hex.")
        private String digest;

        Policy(Session session) {
            super(session, "policy");
        }

        @Override
        String subject() {
            return digest;
        }
    }
}
