package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A node with its first lease from a {@link FakeVault}; it renews when a test says so. */
final class LeasedNode implements AutoCloseable {
    final FakeVault vault;
    final SoftwareChip chip;
    final VaultLink link;
    final NodeMemory memory;
    final Guest guest;

    /** What renewals brought to hold against callers. */
    final List<List<GuardMeasure>> orders = new ArrayList<>();

    private final Grant grant;

    LeasedNode(FakeVault vault, SoftwareChip chip, Path folder) throws Exception {
        this.vault = vault;
        this.chip = chip;
        this.link = vault.link();
        this.memory = new NodeMemory(folder.resolve("memory"));
        this.guest = chip.guest(ChipConfig.launch(new byte[48], vault.ownerId().bytes()));
        try (var requester =
                new LeaseRequester(
                        new NodeSide(
                                link,
                                vault.pin(),
                                guest,
                                chip.anchors(),
                                Fits.forTests(),
                                memory,
                                InstantSource.fixed(FakeVault.NOW),
                                new SecureRandom(),
                                Optional.empty(),
                                Optional.empty()))) {
            var released =
                    requester.lease(requester.version(FakeVault.MODEL, 0, requester.ownerId()));
            released.key().close();
            this.grant = released.grant();
        }
    }

    Grant grant() {
        return grant;
    }

    LeaseRenewer renewer() {
        return new LeaseRenewer(
                link,
                vault.pin(),
                guest,
                chip.anchors(),
                memory,
                new LatestOrders(orders::add),
                InstantSource.fixed(FakeVault.NOW),
                new SecureRandom());
    }

    @Override
    public void close() {
        link.close();
    }
}
