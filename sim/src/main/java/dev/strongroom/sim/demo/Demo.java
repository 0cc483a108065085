package dev.strongroom.sim.demo;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.Progress;
import dev.strongroom.testkit.SoftwareChip;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * {@code ./strongroom demo}: the main job on a real model, every step printed as the command line
 * that it is. Exit code 0 when everything was as promised, 1 for a usage error, 2 otherwise.
 */
public final class Demo {
    private static final int USAGE = 1;
    private static final int BROKEN_PROMISE = 2;

    private Demo() {}

    public static void main(String[] arguments) throws Exception {
        DemoOptions options;
        try {
            options = DemoOptions.of(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(DemoOptions.USAGE);
            System.exit(USAGE);
            return;
        }
        System.exit(run(options));
    }

    private static int run(DemoOptions options) throws Exception {
        long began = System.nanoTime();
        // Ends on its own, by Ctrl-C and by a failure alike; whichever comes first cleans up.
        var stage = new Stage();
        var cleanUp = new Thread(stage::close, "demo-clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        try {
            show(stage, options);
            System.out.printf(
                    "%n== Everything as promised, after %d s%n",
                    (System.nanoTime() - began) / 1_000_000_000L);
            if (options.afterwards() == DemoOptions.Afterwards.HOLD) {
                System.out.println("Vault and node go on running; Ctrl-C ends them.");
                new CountDownLatch(1).await();
            }
            return 0;
        } catch (DemoFailure e) {
            System.err.println("strongroom demo: " + e.getMessage());
            return BROKEN_PROMISE;
        }
    }

    private static void show(Stage stage, DemoOptions options) throws Exception {
        Terminal terminal = stage.terminal();
        Workspace workspace = stage.workspace();
        terminal.say("W=" + workspace.rest() + "  OWNER=" + workspace.owner());

        terminal.step("A world: a software chip with a root of its own, in place of AMD's");
        String world =
                terminal.succeed("./strongroom-sim", "world", workspace.path("world").toString());
        terminal.step("This machine");
        terminal.succeed(stage.as(workspace.ownerContext(), "doctor"));

        Scene scene = open(stage, new Opening(stage, world), options);
        if (options.stateFile().isPresent()) {
            StateFile.write(options.stateFile().get(), workspace, scene);
        }
    }

    private static Scene open(Stage stage, Opening opening, DemoOptions options) throws Exception {
        Workspace workspace = stage.workspace();
        // First what can be wrong with what the user gave.
        Path file = opening.model(options.model());
        PreparedModel reference = reference(stage, file);
        opening.token();
        Daemon vault = opening.vault();
        opening.people();
        String model = Opening.TENANT + "/" + name(file);
        opening.policy(model);
        long version = opening.push(model, file);
        var scene =
                new Scene(
                        vault,
                        opening.node(vault, model),
                        model,
                        version,
                        workspace.path("consumer"),
                        workspace.path("auditor"));
        prove(new Proof(stage, scene, anchors(workspace), reference));
        return scene;
    }

    private static PreparedModel reference(Stage stage, Path model) throws Exception {
        try {
            Path folder = stage.workspace().ownerFolder("reference");
            return stage.own(PreparedModel.of(model, folder, Progress.SILENT));
        } catch (ClientException e) {
            throw new DemoFailure(e.getMessage() + "; " + e.nextStep());
        }
    }

    private static void prove(Proof proof) throws Exception {
        proof.sameAnswers();
        proof.rotation();
        proof.tampering();
        proof.audit();
        proof.noPlaintext();
    }

    /** What a file is called in the vault: its name in the letters that a model's name may have. */
    private static String name(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.replaceAll("\\.onnx$", "").replaceAll("[^a-z0-9-]+", "-");
    }

    private static TrustAnchors anchors(Workspace workspace) throws IOException {
        return SoftwareChip.anchors(workspace.path("world"));
    }
}
