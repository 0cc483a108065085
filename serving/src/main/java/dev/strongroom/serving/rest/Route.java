package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request's path means.
 *
 * @param model {@code tenant/name}; empty where the path names none
 * @param version empty is the one in force
 */
record Route(Kind kind, String model, String version) {
    private static final Pattern MODEL =
            Pattern.compile(
                    "/v2/models/([^/]+/[^/]+)(?:/versions/([^/]+))?(?:/(infer|ready|generate|generate_stream))?");

    /** Each is a method of the gRPC service as well, and goes by its access rule. */
    enum Kind {
        LIVE("GET", GRPCInferenceServiceGrpc.getServerLiveMethod()),
        READY("GET", GRPCInferenceServiceGrpc.getServerReadyMethod()),
        SERVER("GET", GRPCInferenceServiceGrpc.getServerMetadataMethod()),
        MODEL("GET", GRPCInferenceServiceGrpc.getModelMetadataMethod()),
        MODEL_READY("GET", GRPCInferenceServiceGrpc.getModelReadyMethod()),
        INFER("POST", GRPCInferenceServiceGrpc.getModelInferMethod()),
        GENERATE("POST", GRPCInferenceServiceGrpc.getModelInferMethod()),
        GENERATE_STREAM("POST", GRPCInferenceServiceGrpc.getModelStreamInferMethod());

        private final String method;
        private final String rule;

        Kind(String method, MethodDescriptor<?, ?> rpc) {
            this.method = method;
            this.rule = rpc.getFullMethodName();
        }

        /** True where it carries an inference. */
        boolean infers() {
            return method.equals("POST");
        }

        /** The gRPC method whose access rule it goes by. */
        String rule() {
            return rule;
        }
    }

    /** A model's name has a slash, which callers may write as it is or encoded. */
    static Optional<Route> find(String path) {
        return switch (path) {
            case "/v2/health/live" -> Optional.of(new Route(Kind.LIVE, "", ""));
            case "/v2/health/ready" -> Optional.of(new Route(Kind.READY, "", ""));
            case "/v2", "/v2/" -> Optional.of(new Route(Kind.SERVER, "", ""));
            default -> model(path.replace("%2F", "/").replace("%2f", "/"));
        };
    }

    private static Optional<Route> model(String path) {
        Matcher matcher = MODEL.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Kind kind =
                switch (Optional.ofNullable(matcher.group(3)).orElse("")) {
                    case "infer" -> Kind.INFER;
                    case "generate" -> Kind.GENERATE;
                    case "generate_stream" -> Kind.GENERATE_STREAM;
                    case "ready" -> Kind.MODEL_READY;
                    default -> Kind.MODEL;
                };
        return Optional.of(
                new Route(
                        kind, matcher.group(1), Optional.ofNullable(matcher.group(2)).orElse("")));
    }

    void requireMethod(HttpMethod asked) throws RefusedException {
        if (!asked.name().equals(kind.method)) {
            throw new RefusedException(
                    Status.Code.UNIMPLEMENTED,
                    "METHOD_NOT_ALLOWED",
                    "this path takes " + kind.method + " only");
        }
    }

    static RefusedException notFound() {
        return new RefusedException(
                Status.Code.NOT_FOUND,
                "PATH_NOT_FOUND",
                "there is nothing at this path (expected: /v2, /v2/health/live, /v2/health/ready,"
                        + " /v2/models/TENANT/NAME[/versions/VERSION][/ready | /infer | /generate |"
                        + " /generate_stream])");
    }
}
