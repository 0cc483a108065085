package dev.strongroom.attestation.tpm;

/**
 * A quote and what is needed to judge it, all untrusted. Empty arrays stand for what is absent. The
 * certificates of the attestation key travel apart, like those of other evidence.
 *
 * @param quote TPMS_ATTEST
 * @param signature TPMT_SIGNATURE, or plain: DER for ECDSA, the bare number for RSA
 * @param attestationKey TPMT_PUBLIC or TPM2B_PUBLIC; may be absent where the verifier has the key
 * @param registers values of the selected registers, bank after bank, ascending; without them only
 *     their hash is known
 * @param eventLog crypto-agile log of the boot; may be absent
 */
public record TpmEvidence(
        byte[] quote, byte[] signature, byte[] attestationKey, byte[] registers, byte[] eventLog) {}
