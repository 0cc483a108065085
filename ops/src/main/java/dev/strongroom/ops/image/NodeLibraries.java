package dev.strongroom.ops.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The node's jars, written anew so that they load fast: nothing is compressed, and nobody's
 * signature is left, which the virtual machine would check at every start and for which it would
 * keep no class in an AOT cache. What vouches for an image is its measurement.
 *
 * <p>Native libraries that some jars bring along are not in them: those that the node uses are
 * files of their own, so that none is unpacked when it runs; the others, and those of other
 * systems, are left out.
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
            rewrite(in, to, natives);
        }
    }

    private static void rewrite(ZipFile in, Path to, Path natives) throws IOException {
        Map<String, ZipEntry> sorted = new TreeMap<>();
        for (Enumeration<? extends ZipEntry> all = in.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            if (!entry.isDirectory() && !isSignature(entry.getName())) {
                sorted.put(entry.getName(), entry);
            }
        }
        try (OutputStream file = Files.newOutputStream(to);
                var out = new ZipOutputStream(file)) {
            for (ZipEntry entry : sorted.values()) {
                byte[] bytes = in.getInputStream(entry).readAllBytes();
                if (!isNative(entry.getName())) {
                    store(out, entry.getName(), withoutDigests(entry.getName(), bytes));
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

    private static boolean isSignature(String name) {
        return name.matches("META-INF/(SIG-[^/]*|[^/]*\\.(SF|RSA|DSA|EC))");
    }

    /** Of a manifest its main section: the others are digests of signed entries. */
    private static byte[] withoutDigests(String name, byte[] bytes) throws IOException {
        if (!name.equals(JarFile.MANIFEST_NAME)) {
            return bytes;
        }
        var manifest = new Manifest(new ByteArrayInputStream(bytes));
        manifest.getEntries().clear();
        var main = new ByteArrayOutputStream();
        manifest.write(main);
        return main.toByteArray();
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
