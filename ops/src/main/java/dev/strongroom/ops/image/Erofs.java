package dev.strongroom.ops.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A read-only file system image of a tree, by mkfs.erofs (Debian: erofs-utils). */
final class Erofs {
    private static final String PROGRAM = "mkfs.erofs";
    private static final String UUID = "5774726f-6e67-726f-6f6d-000000000000";

    private Erofs() {}

    static boolean possible() throws InterruptedException {
        return Tool.exists(PROGRAM);
    }

    static void write(Path tree, Path to) throws IOException, InterruptedException {
        Tool.run(
                List.of(
                        PROGRAM,
                        "-d0",
                        "-x-1", // no extended attributes of the build machine
                        "-T" + ImageBuilder.MOMENT.getEpochSecond(),
                        "-U" + UUID,
                        "--all-root",
                        to.toString(),
                        tree.toString()));
    }
}
