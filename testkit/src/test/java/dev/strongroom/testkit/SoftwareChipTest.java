package dev.strongroom.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.snp.SnpReport;
import dev.strongroom.attestation.snp.SnpVerdict;
import dev.strongroom.attestation.snp.SnpVerifier;
import dev.strongroom.attestation.snp.TcbVersion;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoftwareChipTest {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ChipConfig GUEST = ChipConfig.launch(new byte[48], new byte[32]);

    @Test
    void hasARootOfItsOwnEveryTime() {
        var one = SoftwareChip.create(RANDOM, CLOCK);
        var two = SoftwareChip.create(RANDOM, CLOCK);
        assertThat(one.anchors().fingerprint()).isNotEqualTo(two.anchors().fingerprint());
    }

    @Test
    void signsUnderTheSameRootInAnotherProcess(@TempDir Path dir) throws Exception {
        var chip = SoftwareChip.create(RANDOM, CLOCK);
        chip.save(dir.resolve("chip"));
        var loaded = SoftwareChip.load(dir.resolve("chip"), RANDOM, CLOCK);

        Evidence evidence = loaded.guest(GUEST).evidence(new byte[64]);
        var verifier =
                new SnpVerifier(
                        SoftwareChip.anchors(dir.resolve("chip")).snpRoots(), Tee.SIMULATED);
        assertThat(
                        verifier.verify(
                                evidence.document(),
                                evidence.endorsements(),
                                evidence.items(EvidenceItem.Kind.CRL),
                                CLOCK.instant()))
                .isInstanceOf(SnpVerdict.Authentic.class);
        assertThat(SoftwareChip.anchors(dir.resolve("chip")).fingerprint())
                .isEqualTo(chip.anchors().fingerprint());
    }

    @Test
    void signsWithTheSameKeyAtEveryStartAndAnotherAfterAnUpdate(@TempDir Path dir)
            throws Exception {
        SoftwareChip.create(RANDOM, CLOCK).save(dir);
        var first = SoftwareChip.load(dir, RANDOM, CLOCK).vcek(GUEST);
        var second = SoftwareChip.load(dir, RANDOM, CLOCK);
        assertThat(second.vcek(GUEST).chain().getFirst()).isEqualTo(first.chain().getFirst());

        var older = GUEST.withTcb(new TcbVersion(OptionalInt.empty(), 9, 0, 25, 84));
        assertThat(second.vcek(older).chain().getFirst()).isNotEqualTo(first.chain().getFirst());
    }

    @Test
    void keepsItsKeyToItsOwnerAndItsRootKeyToItself(@TempDir Path dir) throws Exception {
        SoftwareChip.create(RANDOM, CLOCK).save(dir);
        assertThat(Files.getPosixFilePermissions(dir.resolve("ask.key")))
                .containsExactlyInAnyOrder(
                        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "root.der", "ask.der", "ask.key", "crl.der", "line.txt");
        }
    }

    @Test
    void neverWritesOverAnotherChip(@TempDir Path dir) throws Exception {
        SoftwareChip.create(RANDOM, CLOCK).save(dir);
        var other = SoftwareChip.create(RANDOM, CLOCK);
        assertThatThrownBy(() -> other.save(dir)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void isAGuestThatSaysItIsSimulated() throws Exception {
        Guest guest = SoftwareChip.create(RANDOM, CLOCK).guest(GUEST);
        byte[] reportData = new byte[64];
        reportData[63] = 1;
        assertThat(guest.tee()).isEqualTo(Tee.SIMULATED);
        assertThat(SnpReport.parse(guest.evidence(reportData).document()).reportData())
                .isEqualTo(reportData);
    }
}
