package dev.strongroom.serving;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.enclave.lease.GuestLanes;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.serving.NodeConfig.Tenant;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.guard.limit.NodeRates;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the leases of a process live on, tenant by tenant: each reaches the vault as itself, so that
 * no identity is good for two tenants.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class NodeNeeds implements AutoCloseable {
    private final Map<TenantName, LeaseNeeds> byTenant = new LinkedHashMap<>();
    private final GuestLanes lanes;
    private final WithdrawnKeys withdrawn = new WithdrawnKeys();
    private final SecureRandom random = new SecureRandom();

    private NodeNeeds(Guest guest) {
        this.lanes = new GuestLanes(guest, MonotonicClock::nanos);
    }

    /**
     * Opens a way to the vault for each tenant that is served.
     *
     * @param guest that this process runs in
     */
    static NodeNeeds open(NodeConfig config, Guest guest, TrustAnchors anchors, NodeMemory memory)
            throws NodeException, LeaseException {
        var needs = new NodeNeeds(guest);
        try {
            for (Tenant tenant : config.tenants()) {
                needs.byTenant.put(
                        tenant.name(),
                        new LeaseNeeds(
                                VaultLink.open(Startup.address(config, tenant)),
                                config.pin(),
                                config.owners(tenant),
                                tenant.agent(),
                                needs.lanes,
                                anchors,
                                memory,
                                needs.withdrawn,
                                new PuzzleDesk(
                                        needs.random,
                                        MonotonicClock::nanos,
                                        config.limits().patience(),
                                        config.tenants().size()),
                                new NodeRates(new Ticks(MonotonicClock::nanos)),
                                needs.random));
            }
            return needs;
        } catch (NodeException | LeaseException | RuntimeException e) {
            needs.close();
            throw e;
        }
    }

    LeaseNeeds of(ModelName model) {
        LeaseNeeds known = byTenant.get(model.tenant());
        if (known == null) {
            throw new IllegalArgumentException(model + ": of no tenant of this node");
        }
        return known;
    }

    /** Whose models are served. */
    Set<TenantName> tenants() {
        return byTenant.keySet();
    }

    WithdrawnKeys withdrawn() {
        return withdrawn;
    }

    SecureRandom random() {
        return random;
    }

    @Override
    public void close() {
        for (LeaseNeeds needs : byTenant.values()) {
            needs.puzzles().close();
            needs.vault().close();
        }
    }
}
