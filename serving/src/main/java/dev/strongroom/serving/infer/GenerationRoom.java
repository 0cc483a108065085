package dev.strongroom.serving.infer;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.serving.generate.GenerationLimits;
import java.security.SecureRandom;

/**
 * What a node's sequences are generated in.
 *
 * @param caches where the keys and values of all of them lie
 * @param random of sequences whose callers give no seed
 */
public record GenerationRoom(GenerationLimits limits, LockedHeap caches, SecureRandom random) {}
