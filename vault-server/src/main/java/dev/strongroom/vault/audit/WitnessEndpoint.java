package dev.strongroom.vault.audit;

import dev.strongroom.crypto.transparency.WitnessKey;
import java.net.URI;

/**
 * A witness that this vault asks.
 *
 * @param url submission prefix: {@code add-checkpoint} is below it
 * @param key what its cosignatures verify under
 */
public record WitnessEndpoint(URI url, WitnessKey key) {}
