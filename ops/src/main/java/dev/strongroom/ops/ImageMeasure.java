package dev.strongroom.ops;

import dev.strongroom.ops.image.References;
import dev.strongroom.ops.image.Verity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "measure",
        description = {
            "Print the reference values of a node's image: the digest of its files, the root",
            "hash of dm-verity, the kernel command line that demands it."
        })
final class ImageMeasure implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "DIR|TAR",
            description = "A folder that image build wrote, a file tree, or a tar of one.")
    private Path image;

    ImageMeasure(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return session.print(answer(References.measure(image.toAbsolutePath())));
    }

    static Answer answer(References references) {
        String none = "not computed: mkfs.erofs is not installed (Debian: erofs-utils)";
        return Answer.with("tree", references.tree().hex())
                .with("bytes", references.bytes())
                .with("verity_root", references.verity().map(Verity::root).orElse(none))
                .with("kernel_command_line", references.kernelCommandLine().orElse(none))
                .with(
                        "launch_measurement",
                        "not computed: it also covers firmware, kernel and first file system,"
                                + " which are not part of this image")
                .one();
    }
}
