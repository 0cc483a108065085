package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.proto.inference.ModelInferRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** What a client does for a node that asks for work. */
class OwedWorkTest {
    private static final Digest QUESTION = Digest.sha256(new byte[] {7});
    private static final ModelInferRequest REQUEST =
            ModelInferRequest.newBuilder().setModelName("acme/net").build();

    @Test
    void solvesThePuzzleAndSendsItWithTheSameRequest() throws Exception {
        ModelInferRequest paid = done(puzzle(64, 1, 50).text());
        String text = paid.getParametersOrThrow("puzzle").getStringParam();
        assertThat(Solution.parse(text).isRight(QUESTION)).isTrue();
        assertThat(paid.toBuilder().clearParameters().build()).isEqualTo(REQUEST);
    }

    /** A node that is broken into has nobody compute for days. */
    @Test
    void refusesMoreWorkThanMinutes() {
        for (Puzzle endless :
                new Puzzle[] {
                    puzzle(64, 1, Long.MAX_VALUE),
                    puzzle(64, 16, 1_000_000),
                    puzzle(Puzzle.MOST_MEMORY_KIB, 1, 10_000)
                }) {
            assertThatThrownBy(() -> done(endless.text()))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("more than this client does");
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> done("bm9uZQ"))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("does not know");
    }

    @Test
    void aRefusalAboutSomethingElseOwesNothing() throws Exception {
        assertThat(OwedWork.in(refusal(ErrorInfo.newBuilder().setReason("DAY_BUDGET")))).isEmpty();
        assertThat(OwedWork.in(Status.UNAVAILABLE.asRuntimeException())).isEmpty();
    }

    private static ModelInferRequest done(String puzzle) throws ClientException {
        var info = ErrorInfo.newBuilder().setReason("PUZZLE_DUE").putMetadata("puzzle", puzzle);
        return OwedWork.in(refusal(info))
                .orElseThrow()
                .done(REQUEST, QUESTION, InstantSource.system());
    }

    private static StatusRuntimeException refusal(ErrorInfo.Builder info) {
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(Status.Code.FAILED_PRECONDITION.value())
                        .addDetails(Any.pack(info.setDomain("strongroom").build()))
                        .build());
    }

    private static Puzzle puzzle(int memoryKib, int passes, long work) {
        return Puzzle.of(memoryKib, passes, work, 0, new byte[Puzzle.NONCE_BYTES])
                .with(new byte[Puzzle.MAC_BYTES]);
    }
}
