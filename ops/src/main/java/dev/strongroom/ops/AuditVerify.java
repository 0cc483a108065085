package dev.strongroom.ops;

import dev.strongroom.client.AuditTrail;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = {
            "Check the log: the checkpoint's signature, that it continues what was seen before,",
            "that the witnesses of the context's witnesses.txt cosigned it; with --leaf the inclusion",
            "of one record, with --all every record. log_key and earlier_log_keys are what witnesses",
            "are told."
        })
final class AuditVerify implements Callable<Integer> {
    private final Session session;

    @Option(names = "--leaf", paramLabel = "INDEX", description = "Prove that this leaf is in it.")
    private @Nullable Long leaf;

    @Option(names = "--all", description = "Fetch every leaf and rebuild the tree.")
    private boolean all;

    AuditVerify(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            AuditTrail trail = AuditTrail.of(vault, session.pin(), session.anchors());
            Checkpoint checkpoint = all ? trail.verifyAll() : trail.verifyCheckpoint();
            Answer.Fields answer =
                    Answer.with("origin", checkpoint.origin())
                            .with("size", checkpoint.size())
                            .with("root", checkpoint.root().hex())
                            .with("log_key", trail.logKey().text())
                            .with("earlier_log_keys", trail.earlierLogKeys())
                            .with("signature", "ok")
                            .with("witnesses", witnesses(session.profile().witnesses()))
                            .with("consistency", "ok");
            if (all) {
                answer.with("leaves", "ok");
            }
            if (leaf != null) {
                answer.with("inclusion", "ok")
                        .with("leaf", AuditList.row(trail.verifyLeaf(leaf)).row());
            }
            return session.print(answer.one());
        }
    }

    /** They were demanded, or the checkpoint would have been refused. */
    private static String witnesses(WitnessQuorum demanded) {
        return demanded.threshold() == 0
                ? "none demanded"
                : demanded.threshold() + " of " + demanded.witnesses().size();
    }
}
