package dev.strongroom.attestation.guest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/** Finds out whether this process runs in a confidential guest. */
public final class Guests {
    /** Where an operator puts certificates (DER) that the platform does not hand out itself. */
    public static final Path ENDORSEMENTS = Path.of("/etc/strongroom/endorsements");

    private Guests() {}

    /** The guest of this machine; empty where there is no trusted execution environment. */
    public static Optional<Guest> detect() {
        return detect(ENDORSEMENTS);
    }

    /** The same with another folder of certificates, which need not exist. */
    public static Optional<Guest> detect(Path endorsements) {
        if (Files.isDirectory(KernelTsm.ROOT)) {
            var tsm = new KernelTsm(KernelTsm.ROOT);
            return Optional.of(new ConfigfsGuest(tsm, endorsements, new SecureRandom()));
        }
        if (Files.exists(KernelNsm.DEVICE)) {
            return Optional.of(new NsmGuest(new KernelNsm(KernelNsm.DEVICE), endorsements));
        }
        TpmTransport.Source tpm = () -> TpmDevice.open(TpmDevice.PATH);
        return AzureGuest.isHere(tpm)
                ? Optional.of(new AzureGuest(tpm, endorsements, TpmGuest.EVENT_LOG))
                : Optional.empty();
    }
}
