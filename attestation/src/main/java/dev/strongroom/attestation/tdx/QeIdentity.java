package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Which TD quoting enclave Intel vouches for ("Get TDX QE Identity", API version 4, structure
 * version 2).
 *
 * @param issueDate when it was made
 * @param nextUpdate it counts until here
 * @param evaluationDataNumber the TCB recovery it belongs to
 * @param mrSigner who signed the enclave
 * @param isvProdId which of the signer's enclaves it is
 * @param levels how each security version is rated
 */
record QeIdentity(
        Instant issueDate,
        Instant nextUpdate,
        int evaluationDataNumber,
        byte[] miscSelect,
        byte[] miscSelectMask,
        byte[] attributes,
        byte[] attributesMask,
        byte[] mrSigner,
        int isvProdId,
        List<IsvLevel> levels)
        implements Dated {
    static final String MEMBER = "enclaveIdentity";
    static final int MAX_BYTES = 16 * 1024; // so far under 1 KiB

    /**
     * Reads the signed member.
     *
     * @throws TdxFormatException if it is not the identity of the TD quoting enclave, version 2
     */
    static QeIdentity parse(byte[] body) throws TdxFormatException {
        JsonFields fields = JsonFields.of(MEMBER, body, MAX_BYTES);
        fields.requireText("id", "TD_QE");
        fields.requireNumber("version", 2);
        return new QeIdentity(
                fields.time("issueDate"),
                fields.time("nextUpdate"),
                fields.number("tcbEvaluationDataNumber", Integer.MAX_VALUE),
                fields.hex("miscselect", 4),
                fields.hex("miscselectMask", 4),
                fields.hex("attributes", 16),
                fields.hex("attributesMask", 16),
                fields.hex("mrsigner", 32),
                fields.number("isvprodid", 0xffff),
                IsvLevel.list(fields));
    }

    /**
     * Whether the enclave is the one named; how its security version is rated is another matter.
     */
    boolean names(EnclaveReport enclave) {
        return Masked.matches(enclave.miscSelect(), miscSelect, miscSelectMask)
                && Masked.matches(enclave.attributes(), attributes, attributesMask)
                && Arrays.equals(enclave.mrSigner(), mrSigner)
                && enclave.isvProdId() == isvProdId;
    }
}
