package dev.strongroom.sim.demo;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.Progress;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.client.prepare.PrepareProcess;
import dev.strongroom.client.prepare.PrivateDirectory;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import dev.strongroom.testkit.hunt.ModelWindows;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The owner's model as the client prepares it before sealing: the same child process, the same
 * optimiser, kept for comparison in the owner's folder. Closing wipes it.
 */
public final class PreparedModel implements AutoCloseable {
    private final PrivateDirectory directory;
    private final ModelSource prepared;

    private PreparedModel(PrivateDirectory directory, ModelSource prepared) {
        this.directory = directory;
        this.prepared = prepared;
    }

    /**
     * Prepares {@code model} below {@code ownerFolder}.
     *
     * @throws ClientException if it is no model that ONNX Runtime takes
     */
    public static PreparedModel of(Path model, Path ownerFolder, Progress progress)
            throws ClientException, IOException, InterruptedException {
        PrivateDirectory directory = PrivateDirectory.create(ownerFolder);
        try {
            var prepared = PrepareProcess.run(ModelSource.of(model), directory, progress);
            return new PreparedModel(directory, prepared);
        } catch (ClientException | IOException | InterruptedException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** The graph, with its weights beside it. */
    public Path graph() {
        return prepared.graph().path();
    }

    /** Graph and weights. */
    public List<Path> files() {
        return prepared.parts().stream().map(ModelSource.Part::path).toList();
    }

    /** About {@code atMost} windows of the initialisers outside the graph. */
    public Needles windows(int atMost, SecureRandom random) throws IOException {
        ModelProto model;
        try (InputStream in = Files.newInputStream(graph())) {
            model = ModelProto.parseFrom(in);
        }
        List<ModelWindows.Region> regions =
                model.getGraph().getInitializerList().stream()
                        .filter(tensor ->
                                tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL)
                        .map(this::region)
                        .toList();
        return ModelWindows.choose(
                regions, files().stream().collect(Collectors.toSet()), atMost, random);
    }

    private ModelWindows.Region region(TensorProto tensor) {
        Map<String, String> place = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            place.put(entry.getKey(), entry.getValue());
        }
        return new ModelWindows.Region(
                tensor.getName(),
                prepared.folder().resolve(place.getOrDefault("location", "")),
                Long.parseLong(place.getOrDefault("offset", "0")),
                Long.parseLong(place.getOrDefault("length", "0")));
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
