package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.nitro.NitroDocument;
import dev.strongroom.attestation.nitro.NitroFormatException;
import dev.strongroom.attestation.snp.SnpFormatException;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.tdx.TdReport;
import dev.strongroom.attestation.tdx.TdxFormatException;
import dev.strongroom.attestation.tdx.TdxQuote;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a machine's own evidence says, read by the machine itself and not verified: its own hardware
 * just gave it. Nobody else may believe it so.
 */
public final class OwnEvidence {
    private OwnEvidence() {}

    /**
     * What this machine was launched with: {@link NodeOwners#hostData}.
     *
     * @param reportData what the evidence was asked to speak for
     * @throws MalformedEncodingException if it is not of its format, speaks for something else, or
     *     names no owner
     */
    public static Digest hostData(Evidence evidence, byte[] reportData)
            throws MalformedEncodingException {
        try {
            return switch (evidence.format()) {
                case SNP_REPORT -> {
                    SnpReport report = SnpReport.parse(evidence.document());
                    requireAsked(report.reportData(), reportData);
                    yield Digest.of(report.hostData());
                }
                case TDX_QUOTE -> {
                    TdReport report = TdxQuote.parse(evidence.document()).report();
                    requireAsked(report.reportData(), reportData);
                    yield Digest.of(report.hostData());
                }
                case NITRO_DOCUMENT -> {
                    NitroDocument document = NitroDocument.parse(evidence.document());
                    requireAsked(document.userData().orElse(new byte[0]), reportData);
                    yield named(document.ownerId(evidence.items(EvidenceItem.Kind.IMAGE_SIGNER)));
                }
                case TPM_QUOTE, AZURE_VTPM, NVIDIA_REPORT -> named(Optional.empty());
            };
        } catch (SnpFormatException | TdxFormatException | NitroFormatException e) {
            throw new MalformedEncodingException(String.valueOf(e.getMessage()));
        }
    }

    private static void requireAsked(byte[] said, byte[] asked) throws MalformedEncodingException {
        if (!Arrays.equals(said, asked)) {
            throw new MalformedEncodingException(
                    "the platform gave a report for other data than was asked");
        }
    }

    private static Digest named(Optional<Digest> owner) throws MalformedEncodingException {
        return owner.orElseThrow(() ->
                new MalformedEncodingException(
                        "nothing that was measured at launch names the owner"));
    }
}
