package dev.strongroom.attestation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An operator's folder of collateral: revocation lists, certificates, Intel's JSON answers. What a
 * file is, its content says, not its name; files that are none of these are left alone. Read anew
 * for every verification, so that a list put there counts at once. Links are followed, since
 * orchestrators mount such folders as links. What cannot be read as a whole throws, lest a list
 * that the operator put there be passed over: a link that leads nowhere, a file or item over its
 * limit, folders that are nested too deeply.
 *
 * <p>Files are DER or PEM (several in one file; public keys are TPM attestation keys), JSON with
 * {@code tcbInfo} or {@code enclaveIdentity}, or XML with a {@code SoftwareIdentity} (NVIDIA's
 * reference manifests). The folder may have sub-folders.
 *
 * <p>Thread-safe.
 */
public final class CollateralFolder implements CollateralSource {
    private static final int MAX_FILES = 256;
    private static final int MAX_DEPTH = 4;
    private static final int MAX_FILE_BYTES = 256 * 1024;
    private static final int MAX_ITEMS = 512;
    private static final int SEQUENCE = 0x30;

    private static final Pattern PEM =
            Pattern.compile(
                    "-----BEGIN (CERTIFICATE|X509 CRL|PUBLIC KEY)-----([^-]*)-----END \\1-----");
    private final Path folder;

    public CollateralFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * The folder {@code collateral} inside another: nothing while it does not exist, an error while
     * it is something else. Vault, node and client have one each, beside everything else that they
     * keep.
     */
    public static CollateralSource inside(Path folder) {
        Path collateral = folder.resolve("collateral");
        return () ->
                Files.notExists(collateral, LinkOption.NOFOLLOW_LINKS)
                        ? List.of()
                        : new CollateralFolder(collateral).current();
    }

    @Override
    public List<EvidenceItem> current() throws IOException {
        Set<Path> files = files();
        var items = new ArrayList<EvidenceItem>();
        for (Path file : files) {
            items.addAll(read(file));
            if (items.size() > MAX_ITEMS) {
                throw new IOException(folder + ": at most " + MAX_ITEMS + " items");
            }
        }
        return List.copyOf(items);
    }

    /** Each file once, whatever links lead to it, in the order of their paths. */
    private Set<Path> files() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder + ": expected a folder");
        }
        List<Path> found;
        try (var entries =
                Files.find(folder, MAX_DEPTH, this::counts, FileVisitOption.FOLLOW_LINKS)) {
            found = entries.limit(MAX_FILES + 1L).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (found.size() > MAX_FILES) {
            throw new IOException(folder + ": at most " + MAX_FILES + " files");
        }
        var files = new LinkedHashSet<Path>();
        for (Path each : found) {
            Path file = each.toRealPath();
            if (Files.isDirectory(file)) {
                throw new IOException(each + ": expected no folders at this depth");
            }
            files.add(file);
        }
        return files;
    }

    /** Files, links that lead nowhere, and folders that would not be looked into. */
    private boolean counts(Path path, BasicFileAttributes what) {
        return what.isRegularFile()
                || what.isSymbolicLink()
                || (what.isDirectory() && path.getNameCount() - folder.getNameCount() == MAX_DEPTH);
    }

    private static List<EvidenceItem> read(Path file) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_FILE_BYTES + 1);
        }
        if (bytes.length > MAX_FILE_BYTES) {
            throw new IOException(file + ": expected at most " + MAX_FILE_BYTES + " bytes");
        }
        if (bytes.length > 0 && bytes[0] == SEQUENCE) {
            return items(derKind(bytes), bytes, file);
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.stripLeading().startsWith("{")) {
            return items(jsonKind(text), bytes, file);
        }
        if (text.stripLeading().startsWith("<") && text.contains("SoftwareIdentity")) {
            return items(Optional.of(EvidenceItem.Kind.REFERENCE_MANIFEST), bytes, file);
        }
        return pem(text, file);
    }

    private static Optional<EvidenceItem.Kind> derKind(byte[] der) {
        try {
            CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der));
            return Optional.of(EvidenceItem.Kind.CERTIFICATE);
        } catch (CertificateException e) {
            return crlKind(der);
        }
    }

    private static Optional<EvidenceItem.Kind> crlKind(byte[] der) {
        try {
            CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
            return Optional.of(EvidenceItem.Kind.CRL);
        } catch (CertificateException | CRLException e) {
            return Optional.empty();
        }
    }

    private static Optional<EvidenceItem.Kind> jsonKind(String json) {
        if (json.contains("\"tcbInfo\"")) {
            return Optional.of(EvidenceItem.Kind.TDX_TCB_INFO);
        }
        return json.contains("\"enclaveIdentity\"")
                ? Optional.of(EvidenceItem.Kind.TDX_QE_IDENTITY)
                : Optional.empty();
    }

    private static List<EvidenceItem> pem(String text, Path file) throws IOException {
        var items = new ArrayList<EvidenceItem>();
        Matcher block = PEM.matcher(text);
        while (block.find()) {
            byte[] der;
            try {
                der = Base64.getMimeDecoder().decode(block.group(2));
            } catch (IllegalArgumentException e) {
                continue; // not base64: not ours
            }
            Optional<EvidenceItem.Kind> kind =
                    block.group(1).equals("PUBLIC KEY")
                            ? Optional.of(EvidenceItem.Kind.ATTESTATION_KEY)
                            : derKind(der);
            items.addAll(items(kind, der, file));
        }
        return items;
    }

    private static List<EvidenceItem> items(
            Optional<EvidenceItem.Kind> kind, byte[] bytes, Path file) throws IOException {
        if (kind.isEmpty()) {
            return List.of();
        }
        int most = kind.get().maxBytes();
        if (bytes.length > most) {
            throw new IOException(
                    "%s: %s: expected at most %d bytes, got %d"
                            .formatted(file, kind.get(), most, bytes.length));
        }
        return List.of(new EvidenceItem(kind.get(), bytes));
    }
}
