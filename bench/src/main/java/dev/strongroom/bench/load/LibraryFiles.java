package dev.strongroom.bench.load;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * ONNX Runtime's libraries as files, as a node's image has them: nothing is unpacked at a start.
 */
final class LibraryFiles {
    private static final List<String> NAMES =
            List.of("libonnxruntime.so", "libonnxruntime4j_jni.so");

    private LibraryFiles() {}

    /** The option of a virtual machine that is to load them. */
    static String option(Path folder) throws IOException {
        Files.createDirectories(folder);
        String processor =
                System.getProperty("os.arch").equals("amd64") ? "linux-x64" : "linux-aarch64";
        for (String name : NAMES) {
            String resource = "/ai/onnxruntime/native/" + processor + "/" + name;
            try (InputStream library = OrtEnvironment.class.getResourceAsStream(resource)) {
                if (library == null) {
                    throw new IOException("ONNX Runtime's jar has no " + resource);
                }
                if (!Files.exists(folder.resolve(name))) {
                    Files.copy(library, folder.resolve(name));
                }
            }
        }
        return "-Donnxruntime.native.path=" + folder;
    }
}
