package dev.strongroom.attestation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An operator's folder of collateral: revocation lists, certificates, Intel's JSON answers. What a
 * file is, its content says, not its name; files that are none of these are left alone. Read anew
 * for every verification, so that a list put there counts at once.
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
     * The folder {@code collateral} inside another: nothing while it does not exist. Vault, node
     * and client have one each, beside everything else that they keep.
     */
    public static CollateralSource inside(Path folder) {
        Path collateral = folder.resolve("collateral");
        return () ->
                Files.isDirectory(collateral)
                        ? new CollateralFolder(collateral).current()
                        : List.of();
    }

    @Override
    public List<EvidenceItem> current() throws IOException {
        List<Path> files;
        try (var entries = Files.find(folder, MAX_DEPTH, (_, what) -> what.isRegularFile())) {
            files = entries.limit(MAX_FILES + 1L).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (files.size() > MAX_FILES) {
            throw new IOException(folder + ": at most " + MAX_FILES + " files");
        }
        var items = new ArrayList<EvidenceItem>();
        for (Path file : files) {
            if (Files.size(file) <= MAX_FILE_BYTES) {
                items.addAll(read(file));
            }
            if (items.size() > MAX_ITEMS) {
                throw new IOException(folder + ": at most " + MAX_ITEMS + " items");
            }
        }
        return List.copyOf(items);
    }

    private static List<EvidenceItem> read(Path file) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_FILE_BYTES);
        }
        if (bytes.length > 0 && bytes[0] == SEQUENCE) {
            return derKind(bytes).flatMap(kind -> item(kind, bytes)).stream().toList();
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.stripLeading().startsWith("{")) {
            return jsonKind(text).flatMap(kind -> item(kind, bytes)).stream().toList();
        }
        if (text.stripLeading().startsWith("<") && text.contains("SoftwareIdentity")) {
            return item(EvidenceItem.Kind.REFERENCE_MANIFEST, bytes).stream().toList();
        }
        return pem(text);
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

    private static List<EvidenceItem> pem(String text) {
        var items = new ArrayList<EvidenceItem>();
        Matcher block = PEM.matcher(text);
        while (block.find()) {
            try {
                byte[] der = Base64.getMimeDecoder().decode(block.group(2));
                Optional<EvidenceItem.Kind> kind =
                        block.group(1).equals("PUBLIC KEY")
                                ? Optional.of(EvidenceItem.Kind.ATTESTATION_KEY)
                                : derKind(der);
                kind.flatMap(found -> item(found, der)).ifPresent(items::add);
            } catch (IllegalArgumentException e) {
                // not base64: not ours
            }
        }
        return items;
    }

    private static Optional<EvidenceItem> item(EvidenceItem.Kind kind, byte[] bytes) {
        return bytes.length <= kind.maxBytes()
                ? Optional.of(new EvidenceItem(kind, bytes))
                : Optional.empty();
    }
}
