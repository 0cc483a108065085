/**
 * What a model owner and a consumer of inference do on their own machine: prepare, seal and push a
 * model, sign policies, verify a serving node, infer, check the vault's log.
 *
 * <p>Start at {@link dev.strongroom.client.Profile}, then {@link
 * dev.strongroom.client.ModelPublisher} or {@link dev.strongroom.client.InferenceClient}.
 */
@NullMarked
package dev.strongroom.client;

import org.jspecify.annotations.NullMarked;
