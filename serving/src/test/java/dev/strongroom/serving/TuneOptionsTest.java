package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.serving.TuneOptions.Form;
import dev.strongroom.serving.tune.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TuneOptionsTest {
    @Test
    void fillsInWhatIsNotSaid() throws Exception {
        assertThat(parse("--config /node.yaml"))
                .isEqualTo(
                        new TuneOptions(
                                Path.of("/node.yaml"),
                                Optional.empty(),
                                new Plan(List.of(1, 16), 1, 32, Duration.ofSeconds(60), 1_000_000),
                                Form.TABLE));
    }

    @Test
    void takesEverythingThatIsSaid() throws Exception {
        assertThat(
                        parse(
                                "-o json --callers 8,2,8 --rows 3 --size 128 --seconds 5"
                                        + " --inferences 77 --model acme/net --config /n.yaml"))
                .isEqualTo(
                        new TuneOptions(
                                Path.of("/n.yaml"),
                                Optional.of(ModelName.parse("acme/net")),
                                new Plan(List.of(2, 8), 3, 128, Duration.ofSeconds(5), 77),
                                Form.JSON));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--callers 1",
                "--config",
                "--config /n --config /n",
                "--config /n --callers 0",
                "--config /n --callers 1,,2",
                "--config /n --callers 99999999999",
                "--config /n --seconds soon",
                "--config /n --model Net",
                "--config /n --more 1",
                "--config /n -o yaml"
            })
    void saysWhatIsWrongAndWhereHelpIs(String line) {
        assertThatThrownBy(() -> parse(line))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("./strongroom tune --help");
    }

    private static TuneOptions parse(String line) throws NodeException {
        return TuneOptions.parse(List.of(line.split(" ")));
    }
}
