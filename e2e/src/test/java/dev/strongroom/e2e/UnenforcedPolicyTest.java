package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import io.grpc.ConnectivityState;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a running node does when its owner sets rules that it cannot keep, or that end callers. */
@Tag("nightly")
class UnenforcedPolicyTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String STANDARD = OutputPolicy.standard().canonical();

    @Test
    void nobodyIsAnsweredUntilTheOwnerSetsAPolicyThatTheNodeEnforces() throws Exception {
        try (Deployment world = Deployment.withoutModel()) {
            ModelName model = world.acme().model("tiny");
            world.permitAnswers(model, fewInferencesALease());
            world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), 1));
            world.startNode(model, Launch.plain());
            try (var caller = Caller.of(world.acme().consumer(), world.node().field("grpc"))) {
                assertThat(ask(caller, model)).isEmpty();
                world.permitAnswers(
                        model,
                        STANDARD.replace("\"fingerprint\":\"off\"", "\"fingerprint\":\"on\""));
                assertThat(until("POLICY_NOT_ENFORCED", caller, model))
                        .as(Files.readString(world.nodeLog()))
                        .isTrue();
                world.permitAnswers(model, fewInferencesALease());
                assertThat(until("", caller, model)).isTrue();
                world.permitAnswers(
                        model, STANDARD.replace("\"state\":\"on\"", "\"state\":\"required\""));
                assertThat(until("POLICY_NOT_ENFORCED", caller, model)).isTrue();
            }
            assertThat(Files.readString(world.nodeLog()))
                    .contains("guard.policy_refused")
                    .contains("it wants marked copies")
                    .contains("it requires the detector");
        }
    }

    @Test
    void whoIsConnectedFromANetworkThatTheOwnerForbidsIsCutOff() throws Exception {
        try (Deployment world = Deployment.withoutModel()) {
            ModelName model = world.acme().model("tiny");
            world.permitAnswers(model, fewInferencesALease());
            world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), 1));
            world.startNode(model, Launch.plain());
            try (var caller = Caller.of(world.acme().consumer(), world.node().field("grpc"))) {
                assertThat(ask(caller, model)).isEmpty();
                var left = new CountDownLatch(1);
                caller.channel().notifyWhenStateChanged(ConnectivityState.READY, left::countDown);
                world.permitAnswers(
                        model, STANDARD.replace("\"deny\":[]", "\"deny\":[\"127.0.0.0/8\"]"));
                assertThat(until("ADDRESS_DENIED", caller, model))
                        .as(Files.readString(world.nodeLog()))
                        .isTrue();
                assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    /** So that renewals come as soon as somebody calls. */
    private static String fewInferencesALease() {
        return STANDARD.replaceFirst(
                "\"caps\":\\{\"rowsPerBoot\":\\d+,\"rowsPerLease\":\\d+",
                "\"caps\":{\"rowsPerBoot\":1000000000,\"rowsPerLease\":5000");
    }

    private static boolean until(String reason, Caller caller, ModelName model) {
        Instant end = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(end)) {
            if (ask(caller, model).equals(reason)) {
                return true;
            }
        }
        return false;
    }

    /** Why not, or nothing. */
    private static String ask(Caller caller, ModelName model) {
        var request = ModelInferRequest.newBuilder().setModelName(model.toString());
        request.addInputsBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(TinyModel.SIDE);
        request.addRawInputContents(ByteString.copyFrom(new byte[TinyModel.SIDE * Float.BYTES]));
        try {
            var _ =
                    GRPCInferenceServiceGrpc.newBlockingStub(caller.channel())
                            .modelInfer(request.build());
            return "";
        } catch (StatusRuntimeException e) {
            return Refused.reason(e);
        }
    }
}
