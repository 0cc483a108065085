package dev.strongroom.serving.rpc;

import dev.strongroom.serving.engine.Engine;

/**
 * The model that this node serves.
 *
 * @param name {@code tenant/name}
 * @param version as the vault numbered it, decimal
 * @param engine open until the node closes
 */
public record ServedModel(String name, String version, Engine engine) {}
