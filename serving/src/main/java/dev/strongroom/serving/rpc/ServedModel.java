package dev.strongroom.serving.rpc;

import dev.strongroom.serving.engine.Engine;

/**
 * A model that this node serves.
 *
 * @param name {@code tenant/name}
 * @param version as the vault numbered it, decimal
 * @param engine open while a call holds the model
 * @param admission whether its lease lets inferences run
 */
public record ServedModel(String name, String version, Engine engine, Admission admission) {}
