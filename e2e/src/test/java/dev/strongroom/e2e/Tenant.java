package dev.strongroom.e2e;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import java.nio.file.Path;

/**
 * A tenant of a {@link Deployment} and the context folders of its people.
 *
 * @param owner where the owner root key is, in the folder where plaintext may be
 * @param node of role node
 * @param consumer of role consumer
 */
record Tenant(String name, Digest ownerId, Path owner, Path node, Path consumer) {
    ModelName model(String model) {
        return ModelName.parse(name + "/" + model);
    }

    /** The same with another node's certificate. */
    Tenant withNode(Path other) {
        return new Tenant(name, ownerId, owner, other, consumer);
    }
}
