package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Tee;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** A document of the enclave in software that the tests have, with its root. */
public final class EnclaveEvidence {
    private final byte[] document;
    private final NitroVerifier verifier;

    public EnclaveEvidence() {
        var enclave = SoftwareEnclave.create();
        this.document = enclave.document();
        this.verifier =
                new NitroVerifier(Set.of(enclave.root()), Tee.SIMULATED, Duration.ofMinutes(5));
    }

    /** Judges it once, from its bytes. */
    public boolean isAuthentic() {
        return verifier.verify(document, List.of(), SoftwareEnclave.NOW)
                instanceof NitroVerdict.Authentic;
    }
}
