package dev.strongroom.ops.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A Java runtime of the modules that a node needs and nothing else, by jlink. */
final class JavaRuntime {
    private static final String MODULES =
            String.join(
                    ",",
                    "java.base",
                    "java.compiler", // Vert.x requires it
                    "java.logging",
                    "java.management",
                    "java.naming", // gRPC's name resolution
                    "java.sql", // Bouncy Castle requires it
                    "java.xml", // Logback's configuration
                    "java.xml.crypto", // NVIDIA's manifests
                    "jdk.management",
                    "jdk.unsupported"); // signals; protobuf's Unsafe

    /**
     * What starts programs, serves other tools, or is for machines with more memory than 32 GiB.
     */
    private static final List<String> LEFT_OUT =
            List.of(
                    "bin/keytool",
                    "lib/jexec",
                    "lib/jspawnhelper",
                    "lib/jrt-fs.jar",
                    "lib/classlist",
                    "lib/server/classes_nocoops.jsa");

    private JavaRuntime() {}

    /**
     * Has the runtime find the module that the node's options name, and those that it requires; not
     * what else lies beside them.
     *
     * @throws IOException saying which is missing
     */
    static void requireComplete(Path runtime, Path jars, String main)
            throws IOException, InterruptedException {
        Tool.run(
                List.of(
                        runtime.resolve("bin/java").toString(),
                        "--dry-run",
                        "--module-path",
                        jars.toString(),
                        "--limit-modules",
                        main.substring(0, main.indexOf('/')),
                        "--module",
                        main));
    }

    static void link(Path javaHome, Path to) throws IOException, InterruptedException {
        Tool.run(
                List.of(
                        javaHome.resolve("bin/jlink").toString(),
                        "--add-modules",
                        MODULES,
                        "--no-header-files",
                        "--no-man-pages",
                        "--generate-cds-archive",
                        "--output",
                        to.toString()));
        for (String file : LEFT_OUT) {
            Files.deleteIfExists(to.resolve(file));
        }
    }
}
