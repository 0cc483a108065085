package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.proto.v1.Rotation;
import picocli.CommandLine.Option;

/** Whether a command that sets a rotation going stays with it. */
final class Following {
    @Option(names = "--detach", description = "Set it going and return; see: keys status.")
    private boolean detach;

    /** Prints how far the rotation is: at once, or when it is over. */
    int print(Session session, VaultConnection vault, Rotation rotation) throws ClientException {
        Rotation last =
                detach ? rotation : RotationView.follow(session, vault, rotation.getTenant());
        return session.print(RotationView.row(last).one());
    }
}
