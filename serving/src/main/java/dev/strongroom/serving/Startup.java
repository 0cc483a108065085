package dev.strongroom.serving;

import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.VaultAddress;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.enclave.posture.Fitness;
import dev.strongroom.enclave.posture.Unfit;
import dev.strongroom.serving.NodeConfig.Tenant;
import dev.strongroom.serving.NodeException.Exit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every mode of the node's process begins with, and how it says that it cannot. */
final class Startup {
    private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

    private Startup() {}

    static Fit requireFit(NodeConfig config) throws NodeException {
        return switch (Fitness.reach(config.posture(), config.source())) {
            case Fit fit -> {
                fit.remarks().forEach(remark -> LOG.warn("posture.remark {}", remark));
                yield fit;
            }
            case Unfit unfit ->
                    throw new NodeException(
                            Exit.DENIED,
                            "this process is not fit to hold plaintext:\n  - "
                                    + String.join("\n  - ", unfit.reasons()));
        };
    }

    /** The vault, as a tenant's identity reaches it. */
    static VaultAddress address(NodeConfig config, Tenant tenant) throws NodeException {
        var identity = tenant.identity();
        return new VaultAddress(
                config.vault(),
                Pem.certificates(identity.ca()),
                Pem.certificates(identity.cert()),
                Pem.privateKey(identity.key()),
                config.pin());
    }

    /**
     * The exit that a failure ends the process with.
     *
     * @param failure of the vault, of this machine's memory, or of its disk
     */
    static NodeException failed(Exception failure) {
        return switch (failure) {
            case LeaseException e ->
                    new NodeException(exit(e.kind()), String.valueOf(e.getMessage()), e);
            case MemoryProtectionException e ->
                    new NodeException(Exit.DENIED, String.valueOf(e.getMessage()), e);
            default ->
                    new NodeException(
                            Exit.LOCAL,
                            "this machine failed: " + failure + "; check the data folder",
                            failure);
        };
    }

    private static Exit exit(LeaseException.Kind kind) {
        return switch (kind) {
            case UNREACHABLE -> Exit.UNREACHABLE;
            case NOT_FOUND -> Exit.NOT_FOUND;
            case DENIED, BUSY -> Exit.DENIED;
            case INTEGRITY -> Exit.INTEGRITY;
        };
    }
}
