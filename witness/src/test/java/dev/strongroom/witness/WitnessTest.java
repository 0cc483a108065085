package dev.strongroom.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.config.ServiceException;
import dev.strongroom.crypto.transparency.AddCheckpoint;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000));

    @TempDir private Path folder;
    private TestLog log;
    private Cosigner cosigner;
    private Witness witness;
    private final Set<String> admitted = new HashSet<>();

    @BeforeEach
    void start() throws Exception {
        log = TestLog.named("vault.example/log");
        cosigner =
                new Cosigner(
                        "witness.example/w1",
                        KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        witness = witness();
    }

    private Witness witness() throws Exception {
        return witness(LogKey.parse(log.key().text()));
    }

    private Witness witness(LogKey... logs) throws IOException {
        var seen = new CheckpointFolder(folder.resolve("seen"));
        for (LogKey known : logs) {
            if (admitted.add(known.key().name())) {
                seen.admit(known.key().name());
            }
        }
        return new Witness(cosigner, List.of(logs), seen, CLOCK);
    }

    @Test
    void cosignsALogThatGrows() throws Exception {
        requireCosigned(log.grow("a"), 0);
        requireCosigned(log.grow("b", "c"), 1);
        requireCosigned(log.grow("d", "e", "f", "g"), 3);
        requireCosigned(log, log.size()); // the same again
    }

    @Test
    void saysWhatItSawLastToWhoeverThinksOtherwise() throws Exception {
        requireCosigned(log.grow("a", "b", "c"), 0);

        assertThat(witness.answer(log.grow("d").request(0)))
                .isEqualTo(new WitnessAnswer.Conflict(3));
        assertThat(witness.answer(log.request(2))).isEqualTo(new WitnessAnswer.Conflict(3));
        requireCosigned(log, 3);
    }

    @Test
    void signsNoOtherHistoryOfALog() throws Exception {
        TestLog fork = log.grow("a", "b").twin().grow("a", "x");
        requireCosigned(log, 0);

        assertThat(witness.answer(fork.request(2))).isEqualTo(new WitnessAnswer.Conflict(2));
        fork.grow("y", "z");
        assertThat(witness.answer(fork.request(2))).isEqualTo(new WitnessAnswer.Unproven());
        assertThat(witness.answer(fork.request(0))).isEqualTo(new WitnessAnswer.Conflict(2));
        requireCosigned(log.grow("c"), 2);
    }

    @Test
    void signsNoOtherHistoryAfterARestart() throws Exception {
        TestLog fork = log.grow("a", "b").twin().grow("a", "x");
        requireCosigned(log, 0);
        witness = witness();

        assertThat(witness.answer(fork.request(2))).isEqualTo(new WitnessAnswer.Conflict(2));
        assertThat(witness.answer(fork.grow("y").request(2)))
                .isEqualTo(new WitnessAnswer.Unproven());
    }

    @Test
    void signsNoRolledBackLog() throws Exception {
        TestLog before = log.twin().grow("a");
        requireCosigned(log.grow("a", "b"), 0);

        assertThat(witness.answer(before.request(0))).isEqualTo(new WitnessAnswer.Conflict(2));
        assertThat(witness.answer(before.request(1))).isEqualTo(new WitnessAnswer.Conflict(2));
        byte[] older = new AddCheckpoint(2, List.of(), before.checkpoint()).encode();
        assertThat(witness.answer(older)).isInstanceOf(WitnessAnswer.Malformed.class);
    }

    @Test
    void signsOnlyLogsItWasToldOf() throws Exception {
        TestLog stranger = TestLog.named("other.example/log").grow("a");
        assertThat(witness.answer(stranger.request(0))).isEqualTo(new WitnessAnswer.UnknownLog());

        TestLog imposter = TestLog.named("vault.example/log").grow("a");
        assertThat(witness.answer(imposter.request(0))).isEqualTo(new WitnessAnswer.Unsigned());
    }

    @Test
    void signsNothingWithoutAProof() throws Exception {
        requireCosigned(log.grow("a", "b", "c"), 0);
        SignedCheckpoint next = log.grow("d", "e").checkpoint();

        assertThat(witness.answer(new AddCheckpoint(3, List.of(), next).encode()))
                .isEqualTo(new WitnessAnswer.Unproven());
        List<Digest> noise = List.of(Digest.sha256(), Digest.sha256());
        assertThat(witness.answer(new AddCheckpoint(3, noise, next).encode()))
                .isEqualTo(new WitnessAnswer.Unproven());
        assertThat(witness.answer("old 3\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(WitnessAnswer.Malformed.class);
    }

    @Test
    void keepsLogsApart() throws Exception {
        TestLog other = TestLog.named("other.example/log").grow("x", "y", "z");
        witness = witness(LogKey.parse(log.key().text()), LogKey.parse(other.key().text()));
        requireCosigned(log.grow("a"), 0);
        requireCosigned(other, 0);
        requireCosigned(log.grow("b"), 1);
    }

    @Test
    void aWitnessThatForgotSignsNothing() throws Exception {
        requireCosigned(log.grow("a"), 0);
        try (var seen = Files.list(folder.resolve("seen"))) {
            Files.writeString(seen.findFirst().orElseThrow(), "damaged");
        }
        byte[] next = log.grow("b").request(1);
        assertThatThrownBy(() -> witness.answer(next))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void aWitnessWhoseFileWasTakenAwaySignsNothing() throws Exception {
        requireCosigned(log.grow("a"), 0);
        try (var seen = Files.list(folder.resolve("seen"))) {
            Files.delete(seen.findFirst().orElseThrow());
        }
        witness = witness();
        byte[] other = log.twin().grow("x").request(0);
        assertThatThrownBy(() -> witness.answer(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("witness admit");
    }

    @Test
    void aReplacedKeyCosignsNothingBeyondItsEndNorDoesItsThief() throws Exception {
        TestLog successor = log.grow("a", "b").successor();
        witness =
                witness(
                        LogKey.parse(log.key().text() + " until 3"),
                        LogKey.parse(successor.key().text()));
        requireCosigned(log, 0);
        requireCosigned(log.grow("c"), 2);
        byte[] stolen = log.grow("d").request(3); // it even continues what was seen
        assertThat(witness.answer(stolen)).isEqualTo(new WitnessAnswer.Unsigned());
        requireCosigned(successor, 3);
    }

    @Test
    void onlyOneKeyOfALogHasNoEnd() throws Exception {
        Path config = folder.resolve("witness.yaml");
        String lines = "dataDir: %s%nname: w%nlogs: [\"%s\", \"%s\"]%n";
        String present = log.successor().key().text();
        Files.writeString(config, lines.formatted(folder, log.key().text(), present));
        assertThatThrownBy(() -> WitnessConfig.read(config))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("KEY until SIZE");
        Files.writeString(config, lines.formatted(folder, log.key().text() + " until 3", present));
        assertThat(WitnessConfig.read(config).origins()).containsExactly("vault.example/log");
    }

    private void requireCosigned(TestLog shown, long oldSize) throws Exception {
        WitnessAnswer answer = witness.answer(shown.request(oldSize));
        assertThat(answer).isInstanceOf(WitnessAnswer.Cosigned.class);
        SignedCheckpoint cosigned =
                shown.checkpoint().with(((WitnessAnswer.Cosigned) answer).line());
        cosigned.verify(shown.key(), new WitnessQuorum(1, List.of(cosigner.key())));
    }
}
