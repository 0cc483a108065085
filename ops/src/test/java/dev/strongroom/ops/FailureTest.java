package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.ClientException;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class FailureTest {
    @ParameterizedTest
    @CsvSource({
        "CANCELLED, 2",
        "UNKNOWN, 2",
        "INVALID_ARGUMENT, 2",
        "DEADLINE_EXCEEDED, 2",
        "NOT_FOUND, 3",
        "ALREADY_EXISTS, 6",
        "PERMISSION_DENIED, 4",
        "RESOURCE_EXHAUSTED, 7",
        "FAILED_PRECONDITION, 6",
        "ABORTED, 6",
        "OUT_OF_RANGE, 2",
        "UNIMPLEMENTED, 2",
        "INTERNAL, 2",
        "UNAVAILABLE, 2",
        "DATA_LOSS, 5",
        "UNAUTHENTICATED, 4"
    })
    void theServersStatusDecidesTheExitCode(Status.Code code, int exit) {
        Failure failure =
                Failure.of(code.toStatus().withDescription("because").asRuntimeException());

        assertThat(failure.exit().number()).isEqualTo(exit);
        assertThat(failure.message()).contains("because");
        assertThat(failure.hint()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({"LOCAL, 1", "NOT_FOUND, 3", "DENIED, 4", "VERIFICATION_FAILED, 5", "CONFLICT, 6"})
    void thisMachinesDecisionsHaveTheirCodes(ClientException.Kind kind, int exit) {
        Failure failure = Failure.of(new ClientException(kind, "what", "do this"));

        assertThat(failure.exit().number()).isEqualTo(exit);
        assertThat(failure.hint()).isEqualTo("do this");
    }

    @Test
    void theReasonOfOurDomainIsTheCode() {
        assertThat(Failure.of(remote("strongroom")).code()).isEqualTo("TOKEN_CHANGED");
    }

    @Test
    void theReasonOfAnotherDomainIsNot() {
        assertThat(Failure.of(remote("example.org")).code()).isEqualTo("conflict");
    }

    @Test
    void aMissingFileIsNamed() {
        Failure failure = Failure.of(new NoSuchFileException("/no/such"));

        assertThat(failure.exit()).isEqualTo(ExitCode.LOCAL);
        assertThat(failure.message()).isEqualTo("/no/such does not exist");
    }

    @Test
    void aConnectionThatFailedIsDescribedByItsCause() {
        Status status =
                Status.UNAVAILABLE
                        .withDescription("io exception, Channel Pipeline: [...]")
                        .withCause(new IOException("outer", new IOException("refused")));

        assertThat(Failure.of(status.asRuntimeException()).message())
                .isEqualTo("the server cannot be reached: refused");
    }

    @Test
    void aServerThatAnsweredIsNotLookedForAnew() {
        Status status = Status.UNAVAILABLE.withDescription("the node's lease was ended");

        assertThat(Failure.of(status.asRuntimeException()).hint())
                .startsWith("the server is there");
    }

    @Test
    void aMistypedWordIsNamedWithWhatIsNear() {
        var root = new CommandLine(new RootOptions());
        Commands.addTo(
                root, new Session(TrustAnchors.vendors(), Console.ofProcess(), new RootOptions()));

        var command = catchThrowableOfType(ParameterException.class, () -> root.parseArgs("keyz"));
        assertThat(Failure.of(command).message())
                .startsWith("unknown command 'keyz'; did you mean: keys");

        var option =
                catchThrowableOfType(
                        ParameterException.class, () -> root.parseArgs("doctor", "--contxt", "x"));
        assertThat(Failure.of(option).message())
                .startsWith("unknown option '--contxt'; did you mean: ")
                .contains("--context");
    }

    private static Exception remote(String domain) {
        ErrorInfo info =
                ErrorInfo.newBuilder().setReason("TOKEN_CHANGED").setDomain(domain).build();
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(Status.Code.FAILED_PRECONDITION.value())
                        .setMessage("another token")
                        .addDetails(Any.pack(info))
                        .build());
    }
}
