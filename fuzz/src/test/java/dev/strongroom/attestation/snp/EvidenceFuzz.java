package dev.strongroom.attestation.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A report with its certificates, all of them the attester's. Each part has its length before. */
class EvidenceFuzz {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.system());
    private static final Evidence GENUINE = genuine(ChipConfig.launch(new byte[48], new byte[32]));
    private static final SnpVerifier VERIFIER =
            new SnpVerifier(CHIP.anchors().snpRoots(), Tee.SIMULATED);

    private static Evidence genuine(ChipConfig config) {
        return CHIP.vcek(config).sign(CHIP.report(config, new byte[64]));
    }

    static List<byte[]> seeds() {
        var parts = new ArrayList<byte[]>(List.of(GENUINE.document()));
        parts.addAll(GENUINE.endorsements());
        int bytes = parts.stream().mapToInt(part -> Short.BYTES + part.length).sum();
        var seed = ByteBuffer.allocate(bytes);
        parts.forEach(part -> seed.putShort((short) part.length).put(part));
        return List.of(seed.array());
    }

    @MethodSource("seeds")
    @Fuzzed
    void believesTheChipsOwnReportOnly(byte[] input) throws Exception {
        List<byte[]> parts = parts(input);
        if (parts.isEmpty() || parts.size() > 1 + Evidence.MAX_ITEMS) {
            return;
        }
        var verdict =
                Hostile.read(
                        parts.getFirst(),
                        IllegalArgumentException.class,
                        report ->
                                VERIFIER.verify(
                                        report,
                                        parts.subList(1, parts.size()),
                                        GENUINE.items(EvidenceItem.Kind.CRL),
                                        Instant.now()));
        if (verdict.orElseThrow() instanceof SnpVerdict.Authentic authentic) {
            assertThat(authentic.report().signedBytes())
                    .isEqualTo(
                            Arrays.copyOf(
                                    GENUINE.document(), authentic.report().signedBytes().length));
        }
    }

    private static List<byte[]> parts(byte[] input) {
        var in = ByteBuffer.wrap(input);
        var parts = new ArrayList<byte[]>();
        while (in.remaining() >= Short.BYTES) {
            byte[] part = new byte[Math.min(Short.toUnsignedInt(in.getShort()), in.remaining())];
            in.get(part);
            parts.add(part);
        }
        return parts;
    }
}
