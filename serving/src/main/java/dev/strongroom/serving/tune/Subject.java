package dev.strongroom.serving.tune;

import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.UnservableModelException;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServedModel;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The model that is tuned, opened as it is for serving and by nobody else called.
 *
 * @param model with one thread in each run
 */
public record Subject(ServedModel model, Profile profile, Path scratch) {
    /** Has it run so from now on. */
    void become(RunSettings settings) throws CutShortException {
        if (settings.threads() != model.settings().threads()) {
            reopen(settings.threads());
        }
        model.become(settings);
    }

    /** The most threads that a run may have. */
    int mostThreads(int processors) {
        return switch (profile) {
            case Profile.SingleCopy _ -> 1;
            case Profile.Fast _ -> processors;
        };
    }

    private void reopen(int threads) throws CutShortException {
        try {
            model.engine().reopen(new EngineOptions(threads, profile, scratch));
        } catch (InferenceException | UnservableModelException | IOException e) {
            throw new CutShortException(
                    "no session with %d threads: %s".formatted(threads, e.getMessage()));
        }
    }
}
