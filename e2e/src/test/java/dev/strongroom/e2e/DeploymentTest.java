package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.client.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The harness itself: what the other tests of this module stand on. */
@ExtendWith(SharedDeployment.class)
class DeploymentTest {
    private static final int DENIED = 4;

    @Test
    void servesWhatWasPushed(Deployment world) throws Exception {
        float[] row = TinyModel.row(5);
        float[] expected = TinyModel.expected(row, Deployment.SEED);
        try (var client = world.attested()) {
            Tensor input = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
            List<Tensor> answer = client.infer(List.of(input));
            assertThat(answer.getFirst().floats()).containsExactly(expected, within(1e-5f));
        }
    }

    @Test
    void runsCommandsOfTheDistributionAndOfThisProcessAlike(Deployment world) throws Exception {
        String[] list = {"model", "list", "-o", "json"};
        Outcome process = world.cli(world.acme().owner(), list).succeeded();
        Outcome here = world.command(world.acme().owner(), list).succeeded();
        assertThat(process.json()).isEqualTo(here.json());
        assertThat(process.err()).contains("SIMULATED TEE");
    }

    @Test
    void tellsATenantThatTheWholeLogIsForAuditors(Deployment world) throws Exception {
        String[] verify = {"audit", "verify", "--all"};
        Outcome outcome = world.command(world.acme().owner(), verify);
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(DENIED);
        assertThat(outcome.err()).contains("the records of its tenant only", "auditor");
    }
}
