package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whose turn it is. */
class LaneTest {
    private final Lane lane = new Lane();

    @Test
    void connectionsTakeTurnsHoweverManyJobsOneHas() {
        add(1, 1, 2);
        add(1, 1, 2);
        add(1, 1, 2);
        add(2, 1, 2);
        add(3, 1, 2);

        for (long turn : new long[] {1, 2, 3, 1, 1}) {
            assertThat(connections(take(1))).containsExactly(turn);
        }
        assertThat(lane.size()).isZero();
    }

    @Test
    void takesWhatFitsTheFirstJobAndLeavesTheRestItsTurn() {
        add(1, 1, 2);
        add(2, 1, 3); // other columns
        add(3, 1, 2);

        assertThat(connections(take(8))).containsExactly(1L, 3L);
        assertThat(connections(take(8))).containsExactly(2L);
    }

    @Test
    void takesNoMoreRowsThanRunAtOnceButALargeFirstJobRunsAlone() {
        add(1, 20, 2);
        add(2, 5, 2);
        add(3, 5, 2);
        add(4, 3, 2);

        assertThat(connections(take(8))).containsExactly(1L);
        assertThat(connections(take(8))).containsExactly(2L, 4L);
        assertThat(connections(take(8))).containsExactly(3L);
    }

    /** A lane looks at requests only. */
    private static final class NoModel implements ServedModels.Hold {
        @Override
        public ServedModel model() {
            throw new IllegalStateException("no model");
        }

        @Override
        public void close() {}
    }

    private List<Job> take(int rows) {
        return lane.take(rows);
    }

    private static List<Long> connections(List<Job> batch) {
        return batch.stream().map(Job::connection).toList();
    }

    private void add(long connection, long rows, long columns) {
        var tensor =
                new Tensor(
                        "x",
                        ElementType.FP32,
                        List.of(rows, columns),
                        new Numbers(ByteBuffer.allocate(0)));
        var request =
                new InferenceRequest(
                        List.of(tensor), Set.of("y"), InferenceRequest.Form.RAW, Optional.empty());
        lane.add(
                new Job(
                        HeldCall.of(connection),
                        new NoModel(),
                        request,
                        0,
                        System.nanoTime(),
                        Job.Lease.OWED));
    }
}
