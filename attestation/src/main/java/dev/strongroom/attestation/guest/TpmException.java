package dev.strongroom.attestation.guest;

import java.io.IOException;

/** A TPM answered a command with an error. The message says what to do where that is known. */
final class TpmException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int TPM_RC_OBJECT_MEMORY = 0x902;

    TpmException(String command, int code) {
        super("%s: TPM error 0x%03x%s".formatted(command, code, advice(code)));
    }

    private static String advice(int code) {
        return code == TPM_RC_OBJECT_MEMORY
                ? ": other programs fill its key slots; use the device with the kernel's resource"
                        + " manager, /dev/tpmrm0, or unload their keys (tpm2_flushcontext -t)"
                : "";
    }
}
