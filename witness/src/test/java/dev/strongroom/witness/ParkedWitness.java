package dev.strongroom.witness;

import dev.strongroom.crypto.transparency.SignedCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/** A witness's process that stops for ever between remembering a checkpoint and signing it. */
final class ParkedWitness {
    private ParkedWitness() {}

    public static void main(String[] arguments) throws Exception {
        WitnessConfig config = WitnessConfig.read(Path.of(arguments[0]));
        try (var folder = WitnessFolder.open(config.dataDir())) {
            var witness =
                    new Witness(
                            folder.cosigner(config.name()),
                            config.logs(),
                            new ParkingFolder(folder.seen()),
                            InstantSource.system());
            try (var server = WitnessServer.start(config.host(), config.port(), witness)) {
                System.out.println("{\"http\":\"" + server.address() + "\"}");
                new CountDownLatch(1).await();
            }
        }
    }

    private static final class ParkingFolder extends CheckpointFolder {
        ParkingFolder(Path folder) throws IOException {
            super(folder);
        }

        @Override
        void remember(SignedCheckpoint signed) throws IOException {
            super.remember(signed);
            System.out.println("remembered");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
