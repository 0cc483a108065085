package dev.strongroom.ops;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.AgentAddress;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.ModelPublisher;
import dev.strongroom.client.PushRequest;
import dev.strongroom.client.PushRequest.Marking;
import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.client.Pushed;
import dev.strongroom.crypto.format.ModelName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "push",
        description = {
            "Seal a model on this machine and push the ciphertext.",
            "Run the same command again after an interruption: it goes on where it stopped.",
            "",
            "  strongroom model push acme/minilm ./minilm.onnx --context ./owner"
        })
final class ModelPush implements Callable<Integer> {
    private final Session session;

    @Parameters(
            index = "0",
            paramLabel = "NAME",
            converter = VersionName.ModelConverter.class,
            description = "tenant/name")
    private ModelName model;

    @Parameters(
            index = "1",
            paramLabel = "FILE|DIR",
            description = "A .onnx file, or a folder with one and its external data.")
    private Path source;

    @Option(
            names = "--no-prepare",
            description = "Seal the files as they are, without ONNX Runtime's optimiser.")
    private boolean noPrepare;

    @Option(
            names = "--require-level",
            paramLabel = "LEVEL",
            converter = LevelConverter.class,
            defaultValue = "software",
            description = "Refuse a token below: software, soft-token, hsm, hsm-trusted.")
    private TrustLevel level;

    @Option(names = "--licence", defaultValue = "", description = "Signed into the version.")
    private String licence;

    @Option(names = "--provenance", defaultValue = "", description = "Signed into the version.")
    private String provenance;

    @Option(
            names = "--reseal-by",
            paramLabel = "MEASUREMENT",
            split = ",",
            description = {
                "Nodes that may seal this version under a new data key, which answers a data key",
                "that leaked: SEV-SNP's launch measurement (96 hex digits), or TDX's MRTD, RTMR1",
                "and RTMR2 after one another (288). Signed into the version; without it none may."
            })
    private List<String> resealBy = List.of();

    @Option(
            names = "--fingerprint",
            description = {
                "Have each node mark its copy of the weights, so that `strongroom trace` can name",
                "the node that a leaked copy came from. Keep fingerprint.key of this profile."
            })
    private boolean fingerprint;

    @Option(
            names = "--split",
            paramLabel = "ID@HOST:PORT",
            converter = AgentRevoke.AddressConverter.class,
            description = {
                "Split the content key: the vault gets one part, this agent of yours the other, and",
                "nodes need both. ID is what `agent init` printed. Excludes --reseal-by."
            })
    private @Nullable AgentAddress agent;

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            description = {
                "What honest queries look like, for the detector; `guard calibrate` makes it",
                "together with the model to push."
            })
    private @Nullable Path calibration;

    @Option(
            names = "--generation",
            paramLabel = "FILE",
            description = {
                "What ends a decoder's sequences and how long they can be, as JSON:",
                "{\"version\":1,\"endOfSequence\":[50256],\"contextTokens\":1024}"
            })
    private @Nullable Path generation;

    ModelPush(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        var request =
                new PushRequest(
                        model,
                        source,
                        noPrepare ? Preparing.NEVER : Preparing.WHERE_THERE_IS_ROOM,
                        level,
                        licence,
                        provenance,
                        resealBy,
                        fingerprint ? Marking.PER_RECIPIENT : Marking.NONE,
                        Optional.ofNullable(agent),
                        Optional.ofNullable(calibration),
                        Optional.ofNullable(generation));
        Thread hint = new Thread(this::sayHowToGoOn, "resume-hint");
        Runtime.getRuntime().addShutdownHook(hint);
        try {
            return session.print(answer(push(request)));
        } finally {
            forget(hint);
        }
    }

    private Pushed push(PushRequest request)
            throws ClientException, IOException, InterruptedException {
        try (var vault = session.connect();
                var progress = session.progress()) {
            return new ModelPublisher(
                            vault,
                            session.pin(),
                            session.anchors(),
                            session.clock(),
                            session.random(),
                            progress)
                    .push(request);
        }
    }

    private Answer answer(Pushed pushed) {
        String name = pushed.model() + ":" + pushed.number();
        return Answer.with("model", pushed.model().toString())
                .with("version", pushed.number())
                .with("version_id", pushed.versionId().hex())
                .with("manifest_digest", pushed.manifestDigest().hex())
                .with("sealed_bytes", pushed.sealedBytes())
                .with("trust_level", pushed.trustLevel())
                .with("kek_version", pushed.kekVersion())
                .with("log_index", pushed.logIndex())
                .with("committed_at", pushed.committedAt().toString())
                .with(
                        "verify",
                        session.program()
                                + " model verify "
                                + name
                                + " --leaf "
                                + pushed.logIndex())
                .one();
    }

    private void sayHowToGoOn() {
        session.console()
                .err()
                .println("interrupted; run the same command again to go on where it stopped");
    }

    private static void forget(Thread hint) {
        try {
            Runtime.getRuntime().removeShutdownHook(hint);
        } catch (IllegalStateException e) {
            // the process is being interrupted: the hint is already on its way
        }
    }

    /** Reads a trust level as users write it. */
    static final class LevelConverter implements ITypeConverter<TrustLevel> {
        @Override
        public TrustLevel convert(String text) {
            try {
                return TrustLevel.ofLabel(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + text + "\": expected software, soft-token, hsm or hsm-trusted");
            }
        }
    }
}
