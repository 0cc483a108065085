package dev.strongroom.bench;

import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.nitro.EnclaveEvidence;
import dev.strongroom.attestation.nvidia.GpuEvidence;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.tdx.PlatformEvidence;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many pieces of evidence one thread judges in a second, from bytes to verdict, with nothing
 * kept between two of them: certificates, lists and collateral are parsed and verified each time.
 * The chip's RSA keys have 2048 bits, AMD's have 4096: a real SEV-SNP chain takes a little longer.
 *
 * <p>{@code core} is the share of a core that the thread got: on a machine that does other things,
 * the figure for a whole core is the score divided by it.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
@Threads(1)
@State(Scope.Benchmark)
public class Appraisal {
    private final InstantSource clock = InstantSource.fixed(Instant.now());
    private static final Digest OWNER = Digest.sha256(new byte[] {1});
    private static final byte[] MEASUREMENT = new byte[48];

    private final Transcript transcript =
            new Transcript(
                    Role.RELEASE,
                    new byte[Transcript.NONCE_BYTES],
                    new byte[1],
                    new byte[1],
                    Digest.sha256(new byte[] {2}),
                    NodeOwners.alone(OWNER),
                    "acme",
                    Digest.sha256(new byte[] {3}),
                    List.of(
                            new PolicyReference(
                                    PolicyReference.Kind.RELEASE,
                                    "00112233445566778899aabbccddeeff",
                                    1,
                                    Digest.sha256(new byte[] {4}))),
                    Posture.BASE,
                    new byte[Transcript.BOOT_ID_BYTES]);

    private final SoftwareChip chip = SoftwareChip.create(new SecureRandom(), clock);
    private final Evidence report = report(chip, transcript);
    private final ReleasePolicy policy = ChipPolicy.of(MEASUREMENT);
    private final EvidenceVerifier verifier = new EvidenceVerifier(chip.anchors(), clock);
    private final PlatformEvidence quote = new PlatformEvidence();
    private final EnclaveEvidence document = new EnclaveEvidence();
    private final GpuEvidence gpu = new GpuEvidence();

    /** Processor time of the measuring thread since the iteration began. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Cpu {
        private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

        /** Seconds; JMH divides them by the iteration's. */
        public double core;

        private long start;

        @Setup(Level.Iteration)
        public void start() {
            start = THREADS.getCurrentThreadCpuTime();
        }

        /** A refusal is quick, and would be a fine figure. */
        boolean require(boolean good) {
            if (!good) {
                throw new IllegalStateException("the evidence was refused");
            }
            core = (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
            return true;
        }
    }

    /** Authenticity, binding, the rules that hold always, and a policy that names every claim. */
    @Benchmark
    public boolean snp(Cpu cpu) {
        var challenge = Challenge.release(transcript, clock.instant().plusSeconds(60));
        return cpu.require(verifier.verify(report, challenge, policy) instanceof Verdict.Trusted);
    }

    /** Authenticity and Intel's rating. */
    @Benchmark
    public boolean tdx(Cpu cpu) {
        return cpu.require(quote.isAuthentic());
    }

    /** Authenticity. */
    @Benchmark
    public boolean nitro(Cpu cpu) {
        return cpu.require(document.isAuthentic());
    }

    /** Authenticity, without manifests. */
    @Benchmark
    public boolean nvidia(Cpu cpu) {
        return cpu.require(gpu.isAuthentic());
    }

    private static Evidence report(SoftwareChip chip, Transcript transcript) {
        var config = ChipConfig.launch(MEASUREMENT, OWNER.bytes());
        return chip.vcek(config).sign(chip.report(config, transcript.reportData()));
    }
}
