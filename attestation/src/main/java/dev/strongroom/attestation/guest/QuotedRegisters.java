package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.tpm.TpmFormatException;
import dev.strongroom.attestation.tpm.TpmQuote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A quote and the very register values that it is over, which take two commands: what is measured
 * between them makes them disagree, and then both are asked for again.
 */
record QuotedRegisters(TpmClient.Quote quote, byte[] values) {
    private static final int ATTEMPTS = 5;

    static QuotedRegisters of(TpmClient tpm, int key, byte[] reportData)
            throws IOException, GuestException {
        byte[] qualifyingData = TpmQuote.qualifyingData(reportData);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TpmClient.Quote quote = tpm.quote(key, qualifyingData);
            byte[] values = tpm.registers();
            TpmQuote parsed = parse(quote);
            if (!parsed.speaksFor(reportData)) {
                throw new GuestException("tpm: the quote speaks for other data than was asked for");
            }
            if (Arrays.equals(parsed.pcrDigest(), Digest.sha256(values).bytes())) {
                return new QuotedRegisters(quote, values);
            }
        }
        throw new GuestException("tpm: its registers change faster than they can be quoted");
    }

    /** Signature and values, for beside the quote. */
    List<EvidenceItem> items() {
        return new ArrayList<>(
                List.of(
                        new EvidenceItem(EvidenceItem.Kind.TPM_SIGNATURE, quote.signature()),
                        new EvidenceItem(EvidenceItem.Kind.PCR_VALUES, values)));
    }

    private static TpmQuote parse(TpmClient.Quote quote) throws GuestException {
        try {
            return TpmQuote.parse(quote.attest());
        } catch (TpmFormatException e) {
            throw new GuestException("tpm: " + e.getMessage(), e);
        }
    }
}
