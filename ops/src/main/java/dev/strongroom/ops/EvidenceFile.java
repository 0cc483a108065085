package dev.strongroom.ops;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads evidence from a file: our own encoding, or a vendor's document as it came. */
final class EvidenceFile {
    /** What {@code --type} takes. */
    enum Type {
        SNP(Evidence.Format.SNP_REPORT),
        TDX(Evidence.Format.TDX_QUOTE),
        NITRO(Evidence.Format.NITRO_DOCUMENT),
        TPM(Evidence.Format.TPM_QUOTE),
        AZURE(Evidence.Format.AZURE_VTPM),
        NVIDIA(Evidence.Format.NVIDIA_REPORT);

        private final Evidence.Format format;

        Type(Evidence.Format format) {
            this.format = format;
        }

        static Type of(String word) throws ClientException {
            String name = word.equals("sev-snp") ? "snp" : word;
            for (Type type : values()) {
                if (type.name().toLowerCase(Locale.ROOT).equals(name)) {
                    return type;
                }
            }
            throw ClientException.local(
                    "--type " + word + ": expected snp, tdx, nitro, tpm, azure or nvidia",
                    "leave it out to have it found out");
        }
    }

    private static final int SNP_BYTES = 1184;

    /** Parts of a TPM's evidence that lie beside a quote, by the end of their names. */
    private static final Map<String, EvidenceItem.Kind> PARTS =
            Map.of(
                    "sig", EvidenceItem.Kind.TPM_SIGNATURE,
                    "pcrs", EvidenceItem.Kind.PCR_VALUES,
                    "log", EvidenceItem.Kind.EVENT_LOG);

    private EvidenceFile() {}

    /**
     * Reads a file.
     *
     * @param type what the document is; found out by its first bytes when null
     */
    static Evidence read(Path file, @Nullable Type type) throws ClientException, IOException {
        byte[] bytes = unprinted(bytes(file));
        if (type == null && bytes.length > 1 && bytes[0] == 1 && bytes[1] == 0) {
            try {
                return Evidence.decode(bytes);
            } catch (MalformedEncodingException e) {
                // a vendor's document that happens to start alike
            }
        }
        Evidence.Format format = type == null ? recognised(bytes, file) : type.format;
        try {
            return new Evidence(format, bytes, beside(file), List.of());
        } catch (IllegalArgumentException e) {
            throw ClientException.unverified(
                    file + ": " + e.getMessage(), "give the document alone");
        }
    }

    private static byte[] bytes(Path file) throws ClientException, IOException {
        try (var in = Files.newInputStream(file)) {
            return in.readNBytes(Evidence.MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new ClientException(
                    ClientException.Kind.NOT_FOUND, file + ": no such file", "check the path", e);
        }
    }

    /** Some tools print a report as hex digits. */
    private static byte[] unprinted(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
        return !text.isEmpty() && text.length() % 2 == 0 && text.matches("[0-9a-fA-F]+")
                ? HexFormat.of().parseHex(text)
                : bytes;
    }

    private static Evidence.Format recognised(byte[] bytes, Path file) throws ClientException {
        if (bytes.length == SNP_BYTES) {
            return Evidence.Format.SNP_REPORT;
        }
        if (startsWith(bytes, 0xff, 'T', 'C', 'G')) {
            return Evidence.Format.TPM_QUOTE;
        }
        if (startsWith(bytes, 'H', 'C', 'L', 'A') || startsWith(bytes, '{')) {
            return Evidence.Format.AZURE_VTPM;
        }
        if (startsWith(bytes, 0x84, 0x44) || startsWith(bytes, 0xd2, 0x84)) {
            return Evidence.Format.NITRO_DOCUMENT;
        }
        if (startsWith(bytes, 0x04, 0x00, 0x02) || startsWith(bytes, 0x05, 0x00, 0x02)) {
            return Evidence.Format.TDX_QUOTE;
        }
        if (startsWith(bytes, 0x11, 0xe0)) {
            return Evidence.Format.NVIDIA_REPORT;
        }
        throw ClientException.local(file + ": not recognised", "say what it is with --type");
    }

    private static boolean startsWith(byte[] bytes, int... first) {
        for (int i = 0; i < first.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != first[i]) {
                return false;
            }
        }
        return true;
    }

    private static List<EvidenceItem> beside(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        String stem = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
        var items = new ArrayList<EvidenceItem>();
        for (Map.Entry<String, EvidenceItem.Kind> part : PARTS.entrySet()) {
            Path sibling = file.resolveSibling(stem + "." + part.getKey());
            if (Files.isRegularFile(sibling) && Files.size(sibling) <= part.getValue().maxBytes()) {
                items.add(new EvidenceItem(part.getValue(), Files.readAllBytes(sibling)));
            }
        }
        return items;
    }
}
