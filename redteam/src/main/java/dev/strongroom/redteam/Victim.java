package dev.strongroom.redteam;

/** The model that is stolen. */
interface Victim {
    /**
     * What it computes for one row.
     *
     * @param features the penultimate tensor, which the detector sees and no client
     */
    record Answer(float[] features, float[] probabilities) {
        int label() {
            return Vectors.best(probabilities);
        }
    }

    Answer answer(float[] input);

    int inputs();

    int features();

    int classes();

    /** Of an unknown model, zero. */
    int weights();

    static Victim of(Mlp model) {
        return new Victim() {
            @Override
            public Answer answer(float[] input) {
                float[] logits = model.logits(input);
                return new Answer(
                        model.hidden == 0 ? logits : model.hiddenOf(input), Mlp.softmax(logits));
            }

            @Override
            public int inputs() {
                return model.inputs;
            }

            @Override
            public int features() {
                return model.hidden == 0 ? model.outputs : model.hidden;
            }

            @Override
            public int classes() {
                return model.outputs;
            }

            @Override
            public int weights() {
                return model.weights();
            }
        };
    }
}
