package dev.strongroom.serving.models;

import dev.strongroom.serving.infer.ServedModel;

/**
 * A model in this node's memory.
 *
 * @param model as calls see it
 * @param takes of protected memory
 * @param end closes its session, zeroes its weights and gives up its lease; called once, when no
 *     call holds it
 */
public record Resident(ServedModel model, Footprint takes, Runnable end) {}
