package dev.strongroom.ops;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.ApprovalRequests;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.Profile;
import dev.strongroom.client.VaultConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What every command works with: the options given, the environment, the anchors of this process. A
 * flag comes before the environment, the environment before the context folder. One per invocation;
 * not thread-safe.
 */
final class Session {
    private final TrustAnchors anchors;
    private final Console console;
    private final RootOptions options;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();

    Session(TrustAnchors anchors, Console console, RootOptions options) {
        this.anchors = anchors;
        this.console = console;
        this.options = options;
    }

    TrustAnchors anchors() {
        return anchors;
    }

    Console console() {
        return console;
    }

    /** Judges evidence under this world's roots. */
    EvidenceVerifier verifier() {
        return new EvidenceVerifier(anchors, CollateralFolder.inside(profile().folder()), clock());
    }

    InstantSource clock() {
        return clock;
    }

    SecureRandom random() {
        return random;
    }

    ConsoleProgress progress() {
        return new ConsoleProgress(console, clock);
    }

    /** What the user types to run this program. */
    String program() {
        return anchors.tee() == Tee.SIMULATED ? "strongroom-sim" : "strongroom";
    }

    /** The vault, with the identity of the context; the caller closes it. */
    VaultConnection connect() throws ClientException, IOException {
        return VaultConnection.open(profile(), vaultAddress());
    }

    ApprovalRequests approvals(VaultConnection vault) throws ClientException, IOException {
        return new ApprovalRequests(vault, pin(), anchors, clock, random);
    }

    int print(Answer answer) {
        new Printer(console, format(), anchors.tee()).print(answer);
        return ExitCode.OK.number();
    }

    OutputFormat format() {
        OutputFormat given = options.output;
        if (given != null) {
            return given;
        }
        return environment("STRONGROOM_OUTPUT")
                .map(Session::formatNamed)
                .orElse(OutputFormat.TABLE);
    }

    private static OutputFormat formatNamed(String name) {
        try {
            return OutputFormat.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return OutputFormat.TABLE; // a mistyped default must not keep errors from being printed
        }
    }

    Profile profile() {
        Path given = options.context;
        if (given != null) {
            return new Profile(given);
        }
        return new Profile(
                environment("STRONGROOM_CONTEXT").map(Path::of).orElseGet(this::defaultFolder));
    }

    private Path defaultFolder() {
        return environment("XDG_CONFIG_HOME")
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".config"))
                .resolve("strongroom");
    }

    String vaultAddress() throws ClientException, IOException {
        Optional<String> address = findVaultAddress();
        return address.orElseThrow(() ->
                ClientException.local(
                        "the vault's address is not known",
                        "give --addr HOST:PORT, set STRONGROOM_ADDR, or write it to "
                                + profile().folder().resolve("vault.txt")));
    }

    Optional<String> findVaultAddress() throws ClientException, IOException {
        Optional<String> given = first(options.address, environment("STRONGROOM_ADDR"));
        return given.isPresent() ? given : profile().vaultAddress();
    }

    /** What the vault's identity must hash to. */
    Digest pin() throws ClientException, IOException {
        Optional<String> given = first(options.pin, environment("STRONGROOM_PIN"));
        if (given.isEmpty()) {
            return profile().requirePin();
        }
        try {
            return new Digest(given.get());
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "--pin: expected 64 lower-case hex digits",
                    "copy the fingerprint that the vault printed when it was initialised",
                    e);
        }
    }

    private Optional<String> environment(String name) {
        return Optional.ofNullable(console.environment().get(name))
                .filter(value -> !value.isEmpty());
    }

    private static Optional<String> first(@Nullable String flag, Optional<String> otherwise) {
        return flag == null ? otherwise : Optional.of(flag);
    }
}
