package dev.strongroom.sim;

import dev.strongroom.serving.NodeCommand;
import java.util.Optional;

/** The node of a simulated world: the production one on a software chip. */
public final class SimNode {
    private SimNode() {}

    public static void main(String[] arguments) throws Exception {
        SimProcess.run(() -> {
            World world = World.of(arguments);
            Launch launch = Launch.of(world.arguments());
            var guest = Optional.of(world.chip().guest(launch.chip()));
            return new NodeCommand(guest, world.anchors(), System.out, System.err)
                    .run(launch.arguments().toArray(String[]::new));
        });
    }
}
