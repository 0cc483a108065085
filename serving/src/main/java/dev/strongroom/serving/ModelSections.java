package dev.strongroom.serving;

import dev.strongroom.config.Section;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.serving.NodeConfig.Wanted;
import dev.strongroom.serving.infer.RunSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a node's configuration says of its models.
 *
 * @param standard of those that say nothing
 * @param kind of all sessions
 */
record ModelSections(RunSettings standard, Loading.Kind kind) {
    private static final int MAX_FOLLOW_SECONDS = 86_400;
    private static final int MAX_MODELS = 64;
    private static final int MAX_RUNS = 1024; // at once, or threads inside one
    private static final int MAX_BATCH_ROWS = 1024;
    private static final ModelName NO_MODEL = ModelName.parse("-/-");

    /** One at the file's root, or a list. */
    List<Wanted> read(Section root) {
        if (!root.has("models")) {
            return List.of(wanted(root));
        }
        for (String key : List.of("model", "version", "follow", "run")) {
            if (root.has(key)) {
                root.fault(key, "beside models; write it into the list");
            }
        }
        List<Wanted> models =
                root.sections("models", "model", "version", "follow", "run").stream()
                        .map(this::wanted)
                        .toList();
        if (models.isEmpty() || models.size() > MAX_MODELS) {
            root.fault("models", "expected 1 to " + MAX_MODELS);
        }
        if (models.stream().map(Wanted::name).distinct().count() < models.size()) {
            root.fault("models", "expected each model once");
        }
        return models.isEmpty()
                ? List.of(new Wanted(NO_MODEL, Optional.empty(), 0, Duration.ZERO, standard))
                : models;
    }

    private Wanted wanted(Section at) {
        Named named = at.parsed("model", "tenant/name[@alias]", Named::parse, Named.NONE);
        if (named.alias().isPresent() && (at.has("version") || at.has("follow"))) {
            at.fault("model", "expected an alias, or version and follow; it is followed by itself");
        }
        return new Wanted(
                named.model(),
                named.alias(),
                at.number("version", 0, 0, Long.MAX_VALUE),
                follow(at),
                run(at.section("run", "atOnce", "threads", "batchRows")));
    }

    private record Named(ModelName model, Optional<AliasName> alias) {
        static final Named NONE = new Named(NO_MODEL, Optional.empty());

        static Named parse(String text) {
            int at = text.indexOf('@');
            return at < 0
                    ? new Named(ModelName.parse(text), Optional.empty())
                    : new Named(
                            ModelName.parse(text.substring(0, at)),
                            Optional.of(new AliasName(text.substring(at + 1))));
        }
    }

    private RunSettings run(Section run) {
        int threads = run.number("threads", standard.threads(), 1, MAX_RUNS);
        if (threads > 1 && kind == Loading.Kind.SINGLE_COPY) {
            run.fault(
                    "threads",
                    "expected 1 with profile: single-copy, where ONNX Runtime's own threads would"
                            + " leave parts of the weights on their stacks; or profile: fast");
        }
        return new RunSettings(
                run.number("atOnce", standard.atOnce(), 1, MAX_RUNS),
                threads,
                batchRows(run, standard.batchRows()));
    }

    static int batchRows(Section at, int otherwise) {
        return at.number("batchRows", otherwise, 1, MAX_BATCH_ROWS);
    }

    private static Duration follow(Section root) {
        Duration every = Duration.ofSeconds(root.number("follow", 0, 0, MAX_FOLLOW_SECONDS));
        if (every.isPositive() && root.number("version", 0, 0, Long.MAX_VALUE) != 0) {
            root.fault("follow", "expected version: 0, the latest; a fixed one has no later one");
        }
        return every;
    }
}
