package dev.strongroom.serving.generate;

import java.util.Optional;

/**
 * One that was generated.
 *
 * @param id in the model's vocabulary
 * @param alternatives to it that may be shown
 * @param finish why it is the last one, if it is
 */
public record Token(int id, Alternatives alternatives, Optional<Finish> finish) {
    /** The output that tokens are shown as. */
    public static final String OUTPUT = "output_ids";
}
