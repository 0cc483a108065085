package dev.strongroom.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** A process that does with a key all that ours must not: the hunts have to catch it. */
final class LeakyHelper implements AutoCloseable {
    private final Process process;

    private LeakyHelper(Process process) {
        this.process = process;
    }

    /** Starts one that keeps {@code key} in one shape: raw, hex, base64 or cipher. */
    static LeakyHelper start(String shape, byte[] key) throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LeakyHelper.class.getName(),
                                shape)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        byte[] pad = new byte[key.length];
        for (int i = 0; i < key.length; i++) {
            pad[i] = (byte) (key[i] ^ mask(i));
        }
        // Masked, so that a hit is what the helper made of it and not what a pipe left behind.
        var out = process.outputWriter(StandardCharsets.US_ASCII);
        out.write(HexFormat.of().formatHex(pad) + "\n");
        out.flush();
        String ready = process.inputReader(StandardCharsets.US_ASCII).readLine();
        if (!"ready".equals(ready)) {
            process.destroyForcibly();
            throw new IOException("the leaky helper did not get ready");
        }
        return new LeakyHelper(process);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static byte mask(int i) {
        return (byte) (i * 31 + 7);
    }

    public static void main(String[] arguments) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        byte[] key = HexFormat.of().parseHex(in.readLine());
        for (int i = 0; i < key.length; i++) {
            key[i] ^= mask(i);
        }
        Object kept =
                switch (arguments[0]) {
                    case "raw" -> key.clone();
                    case "hex" -> HexFormat.of().formatHex(key);
                    case "base64" -> Base64.getEncoder().encodeToString(key);
                    case "cipher" -> cipher(key);
                    default -> throw new IllegalArgumentException(arguments[0]);
                };
        Arrays.fill(key, (byte) 0);
        System.out.println("ready");
        in.readLine();
        System.out.println(List.of(kept)); // alive until here
    }

    private static Cipher cipher(byte[] key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        return cipher;
    }
}
