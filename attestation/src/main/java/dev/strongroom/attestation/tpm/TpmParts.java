package dev.strongroom.attestation.tpm;

import java.util.Optional;

/** {@link TpmEvidence} whose every part was read, and nothing more. */
record TpmParts(
        TpmQuote quote,
        TpmSignature signature,
        Optional<TpmPublic> area,
        Optional<PcrValues> registers,
        Optional<EventLog> log) {
    static TpmParts of(TpmEvidence evidence) throws TpmFormatException {
        TpmQuote quote = TpmQuote.parse(evidence.quote());
        return new TpmParts(
                quote,
                TpmSignature.parse(evidence.signature()),
                evidence.attestationKey().length == 0
                        ? Optional.empty()
                        : Optional.of(TpmPublic.parse(evidence.attestationKey())),
                evidence.registers().length == 0
                        ? Optional.empty()
                        : Optional.of(PcrValues.of(quote.selections(), evidence.registers())),
                evidence.eventLog().length == 0
                        ? Optional.empty()
                        : Optional.of(EventLog.parse(evidence.eventLog())));
    }
}
