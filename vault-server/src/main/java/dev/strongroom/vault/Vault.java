package dev.strongroom.vault;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.vault.admin.HttpEndpoint;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import dev.strongroom.vault.rpc.GrpcEndpoint;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running vault: everything wired by hand, started in the order in which trust is established and
 * stopped in the opposite one.
 *
 * <p>Thread-safe.
 */
public final class Vault implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

    private final Deque<AutoCloseable> parts;
    private final GrpcEndpoint grpc;
    private final HttpEndpoint http;
    private final Digest pin;
    private final Tee tee;
    private final TrustLevel level;

    Vault(
            Deque<AutoCloseable> parts,
            GrpcEndpoint grpc,
            HttpEndpoint http,
            Digest pin,
            Tee tee,
            TrustLevel level) {
        this.parts = parts;
        this.grpc = grpc;
        this.http = http;
        this.pin = pin;
        this.tee = tee;
        this.level = level;
    }

    /**
     * Starts a vault on an initialised data folder.
     *
     * @param anchors the attestation roots to believe; those the folder was made under
     * @throws StartupException with the exit code that the process should end with
     */
    public static Vault start(VaultConfig config, TrustAnchors anchors) throws StartupException {
        return start(config, anchors, InstantSource.system());
    }

    static Vault start(VaultConfig config, TrustAnchors anchors, InstantSource clock)
            throws StartupException {
        var start = new VaultStart(config, anchors, clock, new SecureRandom());
        try {
            return start.run();
        } catch (StartupException e) {
            closeAll(start.parts);
            throw e;
        } catch (CustodyException e) {
            closeAll(start.parts);
            throw Custodians.trouble(config, e);
        } catch (IOException | RefusedException e) {
            closeAll(start.parts);
            throw new StartupException(Exit.OTHER, "the vault cannot start: " + e.getMessage(), e);
        }
    }

    /** {@code host:port} of the gRPC services. */
    public String grpcAddress() {
        return grpc.address();
    }

    /** {@code host:port} of health and metrics. */
    public String httpAddress() {
        return http.address();
    }

    /** What clients pin: SHA-256 of the ceremony key. */
    public Digest pin() {
        return pin;
    }

    public Tee tee() {
        return tee;
    }

    /** What the keys can be trusted for. */
    public TrustLevel trustLevel() {
        return level;
    }

    /** Ends running calls, then logs out of the token and closes the database. */
    @Override
    public void close() {
        closeAll(parts);
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("vault.close-failed");
            }
        }
    }
}
