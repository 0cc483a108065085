package dev.strongroom.sim;

import dev.strongroom.ops.StrongroomCommand;

/** The command line of a simulated world: the production one with the test root's anchors. */
public final class SimCommand {
    private SimCommand() {}

    public static void main(String[] arguments) throws Exception {
        SimProcess.run(() -> {
            World world = World.of(arguments);
            return new StrongroomCommand(world.anchors()).execute(world.argumentArray());
        });
    }
}
