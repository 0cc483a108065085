package dev.strongroom.serving.tune;

import dev.strongroom.serving.infer.RunSettings;

/** What was seen of one way to run the model. */
public record Row(RunSettings settings, int callers, Figures figures) {}
