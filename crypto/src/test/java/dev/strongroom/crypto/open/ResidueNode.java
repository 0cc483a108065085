package dev.strongroom.crypto.open;

import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.P256;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a node does with keys and nothing else, in a process that {@link KeyResidueTest} scans. */
final class ResidueNode {
    private ResidueNode() {}

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        try (var release = ReleaseKey.generate();
                Arena arena = Arena.ofShared()) {
            System.out.println(HexFormat.of().formatHex(release.spki()));
            in.readLine();
            List<Object> kept = load(dir, release, arena, Helper.valueOf(args[1]));
            try {
                System.out.println("loaded");
                in.readLine();
            } finally {
                Reference.reachabilityFence(kept);
            }
        }
    }

    /** What handles the keys besides the production code. */
    enum Helper {
        NONE,
        /** Keeps the content key the way careless code would. */
        LEAKY
    }

    private static List<Object> load(Path dir, ReleaseKey release, Arena arena, Helper helper)
            throws Exception {
        Manifest manifest = Manifest.decode(Files.readAllBytes(dir.resolve("manifest")));
        var verified = manifest.verify(P256.keyId(manifest.ownerSpki()));
        try (ContentKey key = release.open(Files.readAllBytes(dir.resolve("wrapped")), verified);
                FileChannel file = FileChannel.open(dir.resolve("sealed"))) {
            MemorySegment sealed = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
            var entry = verified.content().files().getFirst();
            MemorySegment destination = arena.allocate(entry.plaintextBytes());
            byte[] identity = verified.fileIdentity(0);
            Opener.open(sealed, entry.plaintextBytes(), identity, key, destination, 2);
            Opener.requireDigest(destination, entry, identity, key);
            return helper == Helper.LEAKY ? leak(key) : List.of();
        }
    }

    private static List<Object> leak(ContentKey key) throws GeneralSecurityException {
        byte[] ikm = key.derive(byte[]::clone);
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(ikm, "AES"));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(ikm, "HmacSHA256"));
        return List.of(
                aes, mac, HexFormat.of().formatHex(ikm), Base64.getEncoder().encodeToString(ikm));
    }
}
