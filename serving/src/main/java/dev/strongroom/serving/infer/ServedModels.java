package dev.strongroom.serving.infer;

import java.util.List;
import java.util.Optional;

/**
 * The models that this node serves. Which they are can change between two calls: a new version
 * takes the place of an old one, which ends when the last call that holds it does.
 *
 * <p>Thread-safe.
 */
public interface ServedModels {
    /** One call's claim on a model: until it is closed, its session and its weights stay open. */
    interface Hold extends AutoCloseable {
        ServedModel model();

        @Override
        void close();
    }

    /**
     * Takes hold of a model for one call.
     *
     * @param name {@code tenant/name}
     * @param version decimal; empty is the one in force
     * @return empty when it is not served here
     */
    Optional<Hold> hold(String name, String version);

    /** As {@link #hold}, and says what is served here if that is not; brings nothing in. */
    default Hold require(String name, String version) throws RefusedException {
        return hold(name, version).orElseThrow(() -> NotServed.refusal(this, name, version));
    }

    /**
     * As {@link #require}, for an inference or what has to come before it: a model that is away is
     * brought in, if it may answer this caller.
     */
    default Hold requireFor(Caller caller, String name, String version) throws RefusedException {
        return require(name, version);
    }

    /** True for a model that is served here and not in memory now. */
    default boolean away(String name) {
        return false;
    }

    /** Those in force now, one version of each name; they may close at any moment. */
    List<ServedModel> inForce();

    /** Those in force, and those that only wait for their last call to end. */
    default List<ServedModel> open() {
        return inForce();
    }

    /** What of it there is for a caller: his tenant's, and nothing of another's. */
    default ServedModels seenBy(Caller caller) {
        return new OfTenant(this, caller.tenant());
    }

    /** One model, for as long as its owner keeps it open. */
    static ServedModels only(ServedModel model) {
        return new OnlyModel(model);
    }
}
