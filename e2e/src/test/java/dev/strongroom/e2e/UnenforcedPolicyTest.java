package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.testkit.Eventually;
import io.grpc.ConnectivityState;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a running node does when its owner sets rules that it cannot keep, or that end callers. */
@Tag("nightly")
class UnenforcedPolicyTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String STANDARD = OutputPolicy.standard().canonical();

    private Deployment world;
    private ModelName model;
    private Caller caller;

    @BeforeEach
    void serve() throws Exception {
        world = Deployment.withoutModel();
        model = world.acme().model("tiny");
        world.permitAnswers(model, fewInferencesALease());
        world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), 1));
        world.startNode(model, Launch.plain());
        caller = Caller.of(world.acme().consumer(), world.node().field("grpc"));
        assertThat(TinyQuestion.refusal(caller, model, 1)).isEmpty();
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
        world.close();
    }

    @Test
    void nobodyIsAnsweredUntilTheOwnerSetsAPolicyThatTheNodeEnforces() throws Exception {
        world.permitAnswers(
                model, STANDARD.replace("\"fingerprint\":\"on\"", "\"fingerprint\":\"required\""));
        until("POLICY_NOT_ENFORCED");
        world.permitAnswers(model, fewInferencesALease());
        until("");
        world.permitAnswers(
                model, STANDARD.replace("\"detector\":\"on\"", "\"detector\":\"required\""));
        until("POLICY_NOT_ENFORCED");
        for (String why : List.of("it requires marked copies", "it requires the detector")) {
            Eventually.holds(() -> nodeLog().contains(why));
        }
        assertThat(nodeLog()).contains("guard.policy_refused");
    }

    private String nodeLog() throws IOException {
        return Files.readString(world.nodeLog());
    }

    @Test
    void whoIsConnectedFromANetworkThatTheOwnerForbidsIsCutOff() throws Exception {
        var left = new CountDownLatch(1);
        caller.channel().notifyWhenStateChanged(ConnectivityState.READY, left::countDown);
        world.permitAnswers(model, STANDARD.replace("\"deny\":[]", "\"deny\":[\"127.0.0.0/8\"]"));
        until("ADDRESS_DENIED");
        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    }

    /** So that renewals come as soon as somebody calls. */
    private static String fewInferencesALease() {
        return STANDARD.replaceFirst(
                "\"caps\":\\{\"rowsPerBoot\":\\d+,\"rowsPerLease\":\\d+",
                "\"caps\":{\"rowsPerBoot\":1000000000,\"rowsPerLease\":5000");
    }

    private void until(String reason) throws Exception {
        Eventually.holds(PATIENCE, () -> TinyQuestion.refusal(caller, model, 1).equals(reason));
    }
}
