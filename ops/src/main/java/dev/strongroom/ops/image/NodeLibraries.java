package dev.strongroom.ops.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The node's jars, without the native libraries that some bring along: those it uses are files of
 * their own, so that none is unpacked when it runs; the others, and those of other systems, are
 * left out.
 */
final class NodeLibraries {
    /** Where the libraries that are used lie in their jars. */
    private static final List<String> USED =
            List.of(
                    "ai/onnxruntime/native/linux-x64/",
                    "META-INF/native/libconscrypt_openjdk_jni-linux-x86_64.so");

    private NodeLibraries() {}

    static void copy(Path libraries, Path jars, Path natives) throws IOException {
        Files.createDirectories(jars);
        Files.createDirectories(natives);
        try (Stream<Path> all = Files.list(libraries)) {
            for (Path jar : all.sorted().toList()) {
                copyJar(jar, jars.resolve(jar.getFileName()), natives);
            }
        }
    }

    private static void copyJar(Path jar, Path to, Path natives) throws IOException {
        try (var in = new ZipFile(jar.toFile())) {
            if (in.stream().map(ZipEntry::getName).noneMatch(NodeLibraries::isNative)) {
                Files.copy(jar, to);
                return;
            }
            rewrite(in, to, natives);
        }
    }

    private static void rewrite(ZipFile in, Path to, Path natives) throws IOException {
        Map<String, ZipEntry> sorted = new TreeMap<>();
        for (Enumeration<? extends ZipEntry> all = in.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            if (!entry.isDirectory()) {
                sorted.put(entry.getName(), entry);
            }
        }
        try (OutputStream file = Files.newOutputStream(to);
                var out = new ZipOutputStream(file)) {
            for (ZipEntry entry : sorted.values()) {
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                if (!isNative(entry.getName())) {
                    store(out, entry.getName(), bytes);
                } else if (USED.stream().anyMatch(entry.getName()::startsWith)) {
                    String name = Path.of(entry.getName()).getFileName().toString();
                    Files.write(natives.resolve(name), bytes);
                }
            }
        }
    }

    private static boolean isNative(String name) {
        return (name.startsWith("META-INF/native/") && !name.endsWith("/"))
                || name.startsWith("ai/onnxruntime/native/");
    }

    /**
     * Uncompressed: the same bytes whatever compressor the build machine has, and faster to load.
     */
    private static void store(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        var crc = new CRC32();
        crc.update(bytes);
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setLastModifiedTime(FileTime.from(ImageBuilder.MOMENT));
        out.putNextEntry(entry);
        out.write(bytes);
        out.closeEntry();
    }
}
