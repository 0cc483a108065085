package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.ops.image.ImageBuilder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "build",
        description = {
            "Build the node's image: a file tree, a tar of it and, where mkfs.erofs is",
            "installed, a file system image with its dm-verity hash tree. The same build, JDK",
            "and C library give the same bytes."
        })
final class ImageBuild implements Callable<Integer> {
    private final Session session;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "An empty folder.")
    private Path out;

    @Option(
            names = "--libraries",
            paramLabel = "DIR",
            description = "The node's jars; those of this distribution when left out.")
    private @Nullable Path libraries;

    @Option(
            names = "--aot",
            paramLabel = "FILE",
            description = "An AOT cache that a run of this image made; starts faster with it.")
    private @Nullable Path startCache;

    ImageBuild(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws ClientException, IOException, InterruptedException {
        Path jars = libraries == null ? distribution() : libraries;
        if (!Files.isDirectory(jars)) {
            throw ClientException.local(
                    "there is no folder " + jars, "name the node's library folder by --libraries");
        }
        var builder =
                new ImageBuilder(
                        Path.of(System.getProperty("java.home")),
                        jars,
                        Optional.ofNullable(startCache));
        return session.print(ImageMeasure.answer(builder.build(out.toAbsolutePath())));
    }

    /** {@code node/lib} beside the {@code cli/lib} that this command runs from. */
    private static Path distribution() throws ClientException {
        try {
            Path jar =
                    Path.of(
                            ImageBuild.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            return jar.resolve("../../../node/lib").normalize();
        } catch (URISyntaxException e) {
            throw ClientException.local(
                    "this command does not know where it runs from", "give --libraries");
        }
    }
}
