package dev.strongroom.redteam;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;

/**
 * {@code ./strongroom redteam victim DIR}: a classifier of digits and rows for everybody, to see
 * the whole path with: calibrate, push, serve, attack.
 */
final class VictimFiles {
    private static final int EPOCHS = 8;
    private static final int FOREIGN = 10_000;
    private static final int USED_WRONGLY = 2;
    private static final int SKIPPED = 3;

    private VictimFiles() {}

    static int run(String[] arguments, PrintStream out, PrintStream err) throws IOException {
        boolean placed = arguments.length == 4 && arguments[2].equals("--data");
        if (arguments.length != 2 && !placed) {
            err.println("usage: strongroom redteam victim DIR");
            return USED_WRONGLY;
        }
        var data = new Datasets(Path.of(placed ? arguments[3] : Options.DATA));
        Optional<Samples> mnist = data.mnist();
        Optional<Samples> fashion = data.fashion();
        if (mnist.isEmpty() || fashion.isEmpty()) {
            err.println("SKIPPED: no data");
            return SKIPPED;
        }
        Path folder = Path.of(arguments[1]);
        write(mnist.get(), fashion.get(), folder);
        out.println(folder);
        return 0;
    }

    private static void write(Samples own, Samples foreign, Path folder) throws IOException {
        var random = new Random(1);
        Split split = Split.of(own, random);
        Mlp model = World.train(split.train(), World.HIDDEN, EPOCHS, random);
        Files.createDirectories(folder);
        Files.write(folder.resolve("victim.onnx"), OnnxExport.model(model));
        Npy.write(folder.resolve("calibration.npy"), split.calibration().rows());
        Npy.write(folder.resolve("honest.npy"), split.honest().rows());
        Npy.write(folder.resolve("foreign.npy"), foreign.rows().subList(0, FOREIGN));
    }
}
