package dev.strongroom.attestation;

import dev.strongroom.attestation.azure.AzureFormatException;
import dev.strongroom.attestation.azure.CocoEvidence;
import dev.strongroom.attestation.azure.HclReport;
import dev.strongroom.attestation.azure.HclVerdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * Azure evidence as it lies in files, for looking at: an HCL report alone, which speaks for nothing
 * but its boot, or the JSON of Confidential Containers; else our own items.
 */
record RecordedAzureEvidence(AzureVtpmEvidence vtpm) implements EvidenceKind {
    @Override
    public List<String> rules() {
        return vtpm.rules();
    }

    @Override
    public Authenticity verify(byte[] document, Items items, Instant now) {
        String start = new String(document, StandardCharsets.ISO_8859_1).stripLeading();
        if (start.startsWith("HCLA")) {
            return hclAlone(document, items, now);
        }
        if (start.startsWith("{")) {
            return coco(document, items, now);
        }
        return vtpm.verify(document, items, now);
    }

    private Authenticity hclAlone(byte[] document, Items items, Instant now) {
        byte[] quote = items.first(EvidenceItem.Kind.TDX_QUOTE);
        return switch (vtpm.hcl(items).verify(document, quote, now)) {
            case HclVerdict.Refused(String rule, String reason) ->
                    new Authenticity.Refused(rule, reason);
            case HclVerdict.Authentic(HclReport report, _, Claims claims) ->
                    new Authenticity.Authentic(
                            claims, new Nothing(), AzureVtpmEvidence.floor(report, quote));
        };
    }

    private Authenticity coco(byte[] document, Items items, Instant now) {
        try {
            CocoEvidence parsed = CocoEvidence.parse(document);
            return vtpm.verify(
                    parsed.evidence(),
                    items.with(
                            parsed.certificates().stream()
                                    .map(der ->
                                            new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, der))
                                    .toList()),
                    now);
        } catch (AzureFormatException | IllegalArgumentException e) {
            return new Authenticity.Refused("azure.format", String.valueOf(e.getMessage()));
        }
    }

    /** Bound to no challenge. */
    private record Nothing() implements Authenticity.Binding {
        @Override
        public boolean speaksFor(byte[] reportData) {
            return false;
        }

        @Override
        public boolean launchedWith(Digest hostData) {
            return false;
        }
    }
}
