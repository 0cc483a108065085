package dev.strongroom.ops;

import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.proto.v1.MeasureSubject;
import dev.strongroom.proto.v1.TightenRequest;
import dev.strongroom.proto.v1.TightenResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "tighten",
        description = {
            "Have nodes hold more against a caller than their guards do by themselves, at once."
                    + " You",
            "alone take it back, or the owner pardons the caller by a later output policy."
        })
final class GuardTighten implements Callable<Integer> {
    private final Session session;

    @Mixin private final GuardSubject who = new GuardSubject();

    @Option(
            names = "--step",
            required = true,
            paramLabel = "STEP",
            description = {
                "throttle: a share of the quota; degrade: also the best class and a band only;",
                "challenge: also no band; suspend: nothing."
            })
    private Step step;

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, in one line: it goes into the log.")
    private String reason;

    GuardTighten(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        MeasureSubject subject = who.message();
        try (var vault = session.connect()) {
            TightenResponse done =
                    vault.guards()
                            .tighten(
                                    TightenRequest.newBuilder()
                                            .setSubject(subject)
                                            .setStep(step.label())
                                            .setReason(reason)
                                            .build());
            return session.print(
                    GuardSubject.answer(subject)
                            .with("step", step.label())
                            .with("connected", done.getConnected())
                            .with("audit_leaf", done.getProof().getLeafIndex())
                            .one());
        }
    }
}
