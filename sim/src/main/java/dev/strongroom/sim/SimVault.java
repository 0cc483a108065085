package dev.strongroom.sim;

import dev.strongroom.vault.VaultCommand;

/** The vault of a simulated world: the production one with the test root's anchors. */
public final class SimVault {
    private SimVault() {}

    public static void main(String[] arguments) throws Exception {
        SimProcess.run(() -> {
            World world = World.of(arguments);
            return new VaultCommand(world.anchors(), System.out, System.err)
                    .run(world.argumentArray());
        });
    }
}
