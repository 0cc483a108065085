package dev.strongroom.e2e;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.testkit.ChipPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Configurations of nodes for models of several owners, and what such machines are launched with.
 *
 * @param tenants whose models may be served
 */
record SharedNode(Deployment world, List<Tenant> tenants) {
    /** A line of the tenants' list. */
    static String listed(Tenant tenant) {
        return "{tenant: %1$s, owner: \"%2$s\", identity: {ca: %3$s/ca.pem, cert: %3$s/cert.pem, key: %3$s/key.pem}}"
                .formatted(tenant.name(), tenant.ownerId(), tenant.node());
    }

    /** A line of the models' list. */
    static String listed(ModelName model) {
        return "{model: %s}".formatted(model);
    }

    /** Of tenants and models as they are. */
    Path config(String name, ModelName... models) throws IOException {
        return config(
                name,
                tenants.stream().map(SharedNode::listed).toList(),
                Arrays.stream(models).map(SharedNode::listed).toList());
    }

    /**
     * @param name of the file, and of the data folder
     */
    Path config(String name, List<String> listedTenants, List<String> listedModels)
            throws IOException {
        return Files.writeString(
                world.rest().resolve(name + ".yaml"),
                """
                vault: %s
                pin: %s
                dataDir: %s
                tenants:
                %s
                models:
                %s
                """
                        .formatted(
                                world.vault().field("grpc"),
                                world.pin().hex(),
                                world.rest().resolve(name + "-data"),
                                lines(listedTenants),
                                lines(listedModels)));
    }

    private static String lines(List<String> listed) {
        return listed.stream().map("  - %s"::formatted).collect(Collectors.joining("\n"));
    }

    /** As an operator learns it. */
    String hostData(Path config) throws Exception {
        return world.sim(
                        "node",
                        "--host-data",
                        tenants.getFirst().ownerId().hex(),
                        "host-data",
                        "--config",
                        config.toString())
                .succeeded()
                .out()
                .strip();
    }

    /** Lets nodes of this build have the key, beside these owners. */
    void permit(ModelName model, Digest... coOwners) throws IOException {
        var draft = ChipPolicy.draft(world.measurement());
        if (coOwners.length > 0) {
            draft.beside(List.of(coOwners));
        }
        world.permit(model, draft.json());
    }

    ModelName push(Tenant tenant, String name, long seed, Digest... coOwners) throws Exception {
        ModelName model = tenant.model(name);
        permit(model, coOwners);
        push(model, seed);
        return model;
    }

    /** A version of it. */
    void push(ModelName model, long seed) throws Exception {
        Path plain = world.owner().resolve(model.tenant() + "-" + model.name() + seed + ".onnx");
        world.push(model, TinyModel.write(plain, seed));
    }
}
