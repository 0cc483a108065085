package dev.strongroom.serving.infer;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.serving.generate.Draws;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.generate.Sequence;
import java.security.SecureRandom;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a node's sequences are generated in.
 *
 * @param caches where the keys and values of all of them lie
 * @param random of sequences whose callers give no seed
 * @param draws key of what tokens are drawn by, for as long as this node runs
 */
public record GenerationRoom(
        GenerationLimits limits, LockedHeap caches, SecureRandom random, SecretKey draws) {
    private static final int KEY_BYTES = 32;

    /** With a key that nobody else has. */
    public GenerationRoom(GenerationLimits limits, LockedHeap caches, SecureRandom random) {
        this(limits, caches, random, key(random));
    }

    /**
     * Takes the memory of one. The caller closes it.
     *
     * @throws RefusedException CACHE_FULL
     */
    Sequence begin(ServedModel served, Generative model, GenerationRequest request)
            throws RefusedException {
        Draws own =
                Draws.of(
                        draws,
                        served.name() + ':' + served.version(),
                        request.seed().orElseGet(random::nextLong),
                        request.prompt(),
                        request.sampling());
        return Sequence.begin(
                        model.decoder(),
                        caches,
                        request.prompt(),
                        request.sampling(),
                        own,
                        request.stop())
                .orElseThrow(SequenceShares::cacheFull);
    }

    private static SecretKey key(SecureRandom random) {
        var key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new SecretKeySpec(key, "HmacSHA256");
    }
}
