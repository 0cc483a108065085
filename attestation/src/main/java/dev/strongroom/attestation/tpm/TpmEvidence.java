package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;

/**
 * A quote and what is needed to judge it, all untrusted. The certificates of the attestation key
 * travel apart, like those of other evidence.
 *
 * @param quote TPMS_ATTEST
 * @param signature TPMT_SIGNATURE, or plain: DER for ECDSA, the bare number for RSA
 * @param attestationKey TPMT_PUBLIC or TPM2B_PUBLIC; empty where the verifier has the key
 * @param registers values of the selected registers, bank after bank, ascending; empty if only
 *     their hash is to be known
 * @param eventLog crypto-agile log of the boot; empty if there is none
 */
public record TpmEvidence(
        byte[] quote, byte[] signature, byte[] attestationKey, byte[] registers, byte[] eventLog) {
    private static final String DOMAIN = "strongroom/tpm-evidence";
    private static final int VERSION = 1;
    private static final int MAX_SMALL_BYTES = 1024; // quotes, keys and signatures

    /**
     * Reads what {@link #encoded} wrote.
     *
     * @throws TpmFormatException if it is anything else; the parts are not looked at
     */
    public static TpmEvidence parse(byte[] encoded) throws TpmFormatException {
        try {
            var in = CanonicalReader.of(encoded, DOMAIN, VERSION);
            var evidence =
                    new TpmEvidence(
                            in.bytes("quote", MAX_SMALL_BYTES),
                            in.bytes("signature", MAX_SMALL_BYTES),
                            in.bytes("attestation key", MAX_SMALL_BYTES),
                            in.bytes("registers", PcrValues.MAX_BYTES),
                            in.bytes("event log", EventLog.MAX_BYTES));
            in.end();
            return evidence;
        } catch (MalformedEncodingException e) {
            throw new TpmFormatException(String.valueOf(e.getMessage()));
        }
    }

    /** One document: version, label and the five parts, each with its length before. */
    public byte[] encoded() {
        return Canonical.of(DOMAIN, VERSION)
                .bytes(quote)
                .bytes(signature)
                .bytes(attestationKey)
                .bytes(registers)
                .bytes(eventLog)
                .toByteArray();
    }
}
