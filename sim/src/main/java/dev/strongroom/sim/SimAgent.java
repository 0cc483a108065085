package dev.strongroom.sim;

import dev.strongroom.agent.AgentCommand;

/** The owner's agent of a simulated world: the production one with the test root's anchors. */
public final class SimAgent {
    private SimAgent() {}

    public static void main(String[] arguments) throws Exception {
        SimProcess.run(() -> {
            World world = World.of(arguments);
            return new AgentCommand(world.anchors(), System.out, System.err)
                    .run(world.argumentArray());
        });
    }
}
