package dev.strongroom.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code openssl speed} of this machine: AES-256-GCM of one mebibyte, decrypting. */
final class OpenSsl {
    private static final String RESULT = "+F:";
    private static final int BYTES = 1 << 20;
    private static final int SECONDS = 1;

    private OpenSsl() {}

    /** In GB/s of all processes together. */
    static double gigabytesPerSecond(int processes) throws IOException, InterruptedException {
        Process speed =
                new ProcessBuilder(
                                "openssl",
                                "speed",
                                "-mr",
                                "-multi",
                                Integer.toString(processes),
                                "-seconds",
                                Integer.toString(SECONDS),
                                "-bytes",
                                Integer.toString(BYTES),
                                "-evp",
                                "aes-256-gcm",
                                "-decrypt")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String said = new String(speed.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        speed.waitFor();
        return said.lines()
                .filter(line -> line.startsWith(RESULT))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(':') + 1)))
                .map(bytes -> bytes / 1e9)
                .findFirst()
                .orElseThrow(() -> new IOException("openssl speed said no result"));
    }
}
