package dev.strongroom.attestation.guest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds out whether this process runs in a confidential guest. */
public final class Guests {
    /** Where an operator puts certificates (DER) that the platform does not hand out itself. */
    public static final Path ENDORSEMENTS = Path.of("/etc/strongroom/endorsements");

    private static final SortedMap<String, Path> INTERFACES =
            new TreeMap<>(
                    Map.of(
                            "configfs-tsm", KernelTsm.ROOT,
                            "nitro nsm", KernelNsm.DEVICE,
                            "sev-guest", Path.of("/dev/sev-guest"),
                            "tdx-guest", Path.of("/dev/tdx_guest"),
                            "tpm", TpmDevice.PATH));

    private Guests() {}

    /** Every interface of a guest that this machine has: its name and where it is. */
    public static SortedMap<String, Path> present() {
        var present = new TreeMap<>(INTERFACES);
        present.values().removeIf(path -> !Files.exists(path));
        return present;
    }

    /** The names of all interfaces that are looked for. */
    public static List<String> known() {
        return List.copyOf(INTERFACES.keySet());
    }

    /** The guest of this machine; empty where there is no trusted execution environment. */
    public static Optional<Guest> detect() {
        return detect(ENDORSEMENTS);
    }

    /** The same with another folder of certificates, which need not exist. */
    public static Optional<Guest> detect(Path endorsements) {
        if (Files.isDirectory(KernelTsm.ROOT)) {
            var tsm = new KernelTsm(KernelTsm.ROOT);
            return Optional.of(
                    new ConfigfsGuest(tsm, TsmProvider.here(), endorsements, new SecureRandom()));
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
