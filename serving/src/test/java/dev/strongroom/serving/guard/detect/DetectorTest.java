package dev.strongroom.serving.guard.detect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DetectorTest {
    private static final double LEVEL = 1e6;

    private final GaussianModel model = new GaussianModel(1);
    private final Calibration calibration = model.calibration(6000);
    private final Detector detector = GaussianModel.detector(calibration);

    @Test
    void flagsInputsFromElsewhereWithinTenQueries() {
        var evidence = new EvidenceProcess();
        for (int query = 0; query < 10; query++) {
            GaussianModel.ask(detector, 1, evidence, model.uniform());
        }
        assertThat(evidence.evidence()).isGreaterThan(LEVEL);
    }

    @Test
    void flagsASleeperWhoWasHonestForAThousandQueries() {
        var evidence = new EvidenceProcess();
        for (int query = 0; query < 1000; query++) {
            GaussianModel.ask(detector, 1, evidence, model.honest());
        }
        assertThat(evidence.evidence()).isLessThan(10);
        for (int query = 0; query < 15; query++) {
            GaussianModel.ask(detector, 1, evidence, model.uniform());
        }
        assertThat(evidence.evidence()).isGreaterThan(LEVEL);
    }

    @Test
    void neverFlagsHonestClientsNorOneWhoAsksAboutOneClassOnly() {
        for (int client = 0; client < 100; client++) {
            var evidence = new EvidenceProcess();
            double most = 0;
            for (int query = 0; query < 300; query++) {
                float[] input = client % 2 == 0 ? model.honest() : model.honest(client % 3);
                GaussianModel.ask(detector, client, evidence, input);
                most = Math.max(most, evidence.evidence());
            }
            assertThat(most).isLessThan(1000);
        }
    }

    @Test
    void takesAPrincipalsOwnRepeatsAsNoEvidence() {
        float[] strange = model.uniform();
        var first = new EvidenceProcess();
        GaussianModel.ask(detector, 1, first, strange);
        double before = first.evidence();
        for (int retry = 0; retry < 50; retry++) {
            var judgement = GaussianModel.ask(detector, 1, first, strange.clone());
            assertThat(judgement).isInstanceOf(Judgement.Repeated.class);
        }
        assertThat(first.evidence()).isEqualTo(before);
    }

    /** One account is burnt with foreign inputs; another one asks the very same ones. */
    @Test
    void flagsWhoRepeatsWhatSomebodyElseWasFlaggedFor() {
        var burnt = new EvidenceProcess();
        var second = new EvidenceProcess();
        for (int query = 0; query < 10; query++) {
            float[] input = model.uniform();
            GaussianModel.ask(detector, 1, burnt, input);
            var judgement = GaussianModel.ask(detector, 2, second, input.clone());
            assertThat(judgement).isInstanceOf(Judgement.Echoed.class);
        }
        assertThat(second.evidence()).isGreaterThan(LEVEL);
    }

    @Test
    void neverFlagsWhoAsksWhatEverybodyAsks() {
        for (int client = 0; client < 20; client++) {
            var evidence = new EvidenceProcess();
            var same = new GaussianModel(77);
            for (int query = 0; query < 200; query++) {
                GaussianModel.ask(detector, 1000 + client, evidence, same.honest());
            }
            assertThat(evidence.evidence()).isLessThan(1000);
        }
    }

    @Test
    void saysWhoseQueryWasCopiedToTheLaterOneAndLeavesTheEarlierAlone() {
        var victim = new EvidenceProcess();
        var copier = new EvidenceProcess();
        float[] input = model.honest();
        GaussianModel.ask(detector, 1, victim, input);
        double before = victim.evidence();
        var judged = (Judgement.Judged) GaussianModel.ask(detector, 2, copier, model.near(input));
        assertThat(judged.copies()).hasValue(1);
        assertThat(victim.evidence()).isEqualTo(before);
        // nearness to somebody else's query is a link, never evidence
        assertThat(judged.p()[Score.LAST]).isNaN();
    }

    @Test
    void flagsAPrincipalWhoWalksInTinySteps() {
        var evidence = new EvidenceProcess();
        float[] at = model.honest(0);
        for (int step = 0; step < 25; step++) {
            GaussianModel.ask(detector, 1, evidence, at);
            at = model.near(at);
        }
        assertThat(evidence.evidence()).isGreaterThan(LEVEL);
    }
}
