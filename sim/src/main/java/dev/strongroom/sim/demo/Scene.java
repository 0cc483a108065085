package dev.strongroom.sim.demo;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Profile;
import dev.strongroom.client.VersionDemand;
import dev.strongroom.crypto.format.ModelName;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A vault and a node that are up, and who may ask them.
 *
 * @param model {@code tenant/name}
 * @param version the number that push gave it
 * @param consumer context folder of an identity that may infer
 * @param auditor context folder of one that may read the log
 */
record Scene(Daemon vault, Daemon node, String model, long version, Path consumer, Path auditor) {

    /** An attested client, made as any program would make it. The caller closes it. */
    InferenceClient client(TrustAnchors anchors) throws ClientException, IOException {
        var profile = new Profile(consumer);
        var target =
                new NodeTarget(
                        profile,
                        node.field("grpc"),
                        Optional.of(vault.field("grpc")),
                        new Digest(vault.field("pin")),
                        ModelName.parse(model),
                        VersionDemand.exactly(version),
                        Optional.empty());
        return InferenceClient.attest(target, anchors, InstantSource.system(), new SecureRandom());
    }
}
