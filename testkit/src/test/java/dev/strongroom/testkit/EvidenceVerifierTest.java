package dev.strongroom.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.CollateralSource;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.ServingKey;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.policy.PolicyDraft;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.snp.GuestPolicy;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.TcbVersion;
import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a key release rests on, attacked one field at a time with a chip that signs anything. */
class EvidenceVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final SoftwareChip CHIP = SoftwareChip.create(RANDOM, CLOCK);
    private static final Digest OWNER = Digest.sha256(new byte[] {1});
    private static final Digest GLOBEX = Digest.sha256(new byte[] {21});
    private static final Digest INITECH = Digest.sha256(new byte[] {22});
    private static final byte[] MEASUREMENT = filled(48, 0x42);
    private static final ChipConfig GUEST = ChipConfig.launch(MEASUREMENT, OWNER.bytes());
    private static final Transcript RELEASE = transcript(Role.RELEASE, 1);

    private final EvidenceVerifier verifier = new EvidenceVerifier(CHIP.anchors(), CLOCK);

    @Test
    void trustsTheKeyOfAnAllowedGuest() throws Exception {
        Evidence evidence = CHIP.guest(GUEST).evidence(RELEASE.reportData());
        Verdict<EnclaveKey> verdict = verifier.verify(evidence, challenge(RELEASE), policy());

        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Trusted.class,
                        trusted -> {
                            var attested = ((Verdict.Trusted<?>) trusted).attested();
                            assertThat(attested.value())
                                    .isEqualTo(
                                            new EnclaveKey(RELEASE.kemSpki(), RELEASE.tlsSpki()));
                            assertThat(attested.transcript()).isEqualTo(RELEASE);
                            assertThat(attested.evidenceDigest()).isEqualTo(evidence.digest());
                            assertThat(attested.claims().tee()).isEqualTo(Tee.SIMULATED);
                            assertThat(attested.claims().hostData()).isEqualTo(OWNER.bytes());
                            assertThat(attested.claims().rootFingerprint())
                                    .isEqualTo(CHIP.anchors().fingerprint());
                        });
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void trustsEveryReportVersion(int version) {
        assertTrusted(GUEST.withReportVersion(version));
    }

    @ParameterizedTest
    @EnumSource(ProductLine.class)
    void trustsEveryProductLine(ProductLine line) throws Exception {
        var chip = SoftwareChip.create(line, RANDOM, CLOCK);
        var tcb = new TcbVersion(OptionalInt.of(line == ProductLine.TURIN ? 1 : 0), 10, 0, 25, 84);
        var config = GUEST.withTcb(tcb);
        Evidence evidence = chip.vcek(config).sign(chip.report(config, RELEASE.reportData()));
        assertThat(
                        new EvidenceVerifier(chip.anchors(), CLOCK)
                                .verify(evidence, challenge(RELEASE), policyFor(line)))
                .isInstanceOf(Verdict.Trusted.class);
    }

    @Test
    void saysThatATestRootIsSimulated() {
        assertThat(verifier.tee()).isEqualTo(Tee.SIMULATED);
        assertThat(verifier.rootFingerprint()).isEqualTo(CHIP.anchors().fingerprint());
        assertThat(new EvidenceVerifier(TrustAnchors.vendors(), CLOCK).tee())
                .isEqualTo(Tee.HARDWARE);
    }

    @Test
    void refusesTheTestRootInAProductionVerifier() {
        assertRefused(
                new EvidenceVerifier(TrustAnchors.vendors(), CLOCK)
                        .verify(evidence(GUEST), challenge(RELEASE), policy()),
                "snp.chain.root");
    }

    @Test
    void refusesAnotherTestRoot() {
        var other = SoftwareChip.create(RANDOM, CLOCK);
        assertRefused(
                new EvidenceVerifier(other.anchors(), CLOCK)
                        .verify(evidence(GUEST), challenge(RELEASE), policy()),
                "snp.chain.root");
    }

    @Test
    void refusesTheDebugBit() {
        assertRefused(GUEST.withDebug(), "snp.policy.debug");
    }

    @Test
    void refusesAMigrationAgent() {
        assertRefused(
                GUEST.withGuestPolicy(GuestPolicy.MUST_BE_ONE | GuestPolicy.MIGRATION_AGENT),
                "snp.policy.migrate-ma");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void refusesLowerPrivilegeLevels(int vmpl) {
        assertRefused(GUEST.withVmpl(vmpl), "snp.vmpl");
    }

    @Test
    void refusesAnotherMeasurement() {
        assertRefused(GUEST.withMeasurement(filled(48, 0x43)), "policy.snp.measurement");
    }

    @Test
    void refusesAnotherOwnersHostData() {
        assertRefused(GUEST.withHostData(new byte[32]), "binding.host-data");
    }

    @Test
    void trustsANodeOfSeveralOwnersWhereThePolicyNamesThem() throws Exception {
        var owners = NodeOwners.among(OWNER, Set.of(GLOBEX));
        assertThat(of(owners, owners, policyBeside(GLOBEX))).isInstanceOf(Verdict.Trusted.class);
        assertThat(of(owners, owners, policyBeside(GLOBEX, INITECH)))
                .isInstanceOf(Verdict.Trusted.class);
        var alone = NodeOwners.alone(OWNER);
        assertThat(of(alone, alone, policyBeside(GLOBEX))).isInstanceOf(Verdict.Trusted.class);
    }

    @Test
    void refusesANodeOfSeveralOwnersWhereThePolicyDoesNotNameThem() throws Exception {
        var owners = NodeOwners.among(OWNER, Set.of(GLOBEX));
        assertRefused(of(owners, owners, policy()), "policy.co-owners");
        assertRefused(of(owners, owners, policyBeside(INITECH)), "policy.co-owners");
        var three = NodeOwners.among(OWNER, Set.of(GLOBEX, INITECH));
        assertRefused(of(three, three, policyBeside(GLOBEX)), "policy.co-owners");
    }

    @Test
    void refusesAListOfOwnersThatIsNotTheLaunchedOne() throws Exception {
        var alone = NodeOwners.alone(OWNER);
        var two = NodeOwners.among(OWNER, Set.of(GLOBEX));
        var three = NodeOwners.among(OWNER, Set.of(GLOBEX, INITECH));
        ReleasePolicy all = policyBeside(GLOBEX, INITECH);
        assertRefused(of(two, alone, all), "binding.host-data"); // leaves the co-owner out
        assertRefused(of(three, two, all), "binding.host-data"); // leaves one of them out
        assertRefused(of(two, three, all), "binding.host-data"); // has one more
        assertRefused(of(alone, two, all), "binding.host-data"); // launched for one, says two
        assertRefused(of(two, NodeOwners.among(OWNER, Set.of(INITECH)), all), "binding.host-data");
        assertRefused(of(NodeOwners.among(INITECH, Set.of(GLOBEX)), two, all), "binding.host-data");
    }

    @Test
    void bindsTheListOfOwnersIntoTheReport() throws Exception {
        var two = NodeOwners.among(OWNER, Set.of(GLOBEX));
        ChipConfig guest = GUEST.withHostData(two.hostData().bytes());
        Evidence shownAsAlone = CHIP.guest(guest).evidence(RELEASE.reportData());
        assertRefused(
                verifier.verify(shownAsAlone, challenge(with(RELEASE, two)), policyBeside(GLOBEX)),
                "binding.report-data");
    }

    /** A guest of these, which speaks for whatever it is asked to. */
    private Verdict<EnclaveKey> of(NodeOwners launched, NodeOwners said, ReleasePolicy policy)
            throws Exception {
        Transcript transcript = with(RELEASE, said);
        ChipConfig guest = GUEST.withHostData(launched.hostData().bytes());
        return verifier.verify(
                CHIP.guest(guest).evidence(transcript.reportData()), challenge(transcript), policy);
    }

    private static ReleasePolicy policyBeside(Digest... others) throws PolicyFormatException {
        return ChipPolicy.draft(HexFormat.of().formatHex(MEASUREMENT))
                .beside(List.of(others))
                .policy();
    }

    @Test
    void refusesFirmwareBelowThePolicy() {
        assertRefused(
                GUEST.withTcb(new TcbVersion(OptionalInt.empty(), 10, 0, 21, 84)),
                "policy.snp.tcb.committed.snp");
    }

    @Test
    void refusesAnotherChipsCertificate() {
        var other = CHIP.vcek(GUEST.withChipId(filled(64, 9)));
        assertRefused(
                verify(other.sign(CHIP.report(GUEST, RELEASE.reportData()))), "snp.leaf.chip-id");
    }

    @Test
    void refusesACertificateForOtherFirmware() {
        var other = CHIP.vcek(GUEST.withTcb(new TcbVersion(OptionalInt.empty(), 10, 0, 26, 84)));
        assertRefused(verify(other.sign(CHIP.report(GUEST, RELEASE.reportData()))), "snp.leaf.tcb");
    }

    @Test
    void refusesAnotherLinesProcessor() {
        byte[] report = CHIP.report(GUEST, RELEASE.reportData());
        report[0x188] = 0x1A; // CPUID family of Turin, on a Genoa chain
        assertRefused(verify(CHIP.vcek(GUEST).sign(report)), "snp.product");
    }

    @Test
    void refusesTheOtherKindOfSigningKey() {
        byte[] report = CHIP.report(GUEST, RELEASE.reportData());
        report[0x48] = 1 << 2;
        assertRefused(verify(CHIP.vcek(GUEST).sign(report)), "snp.signing-key");
    }

    @ParameterizedTest
    @ValueSource(ints = {7 << 2, 2, 7 << 2 | 2})
    void refusesPlatformsThatDoNotSign(int keyInfo) {
        byte[] report = CHIP.report(GUEST, RELEASE.reportData());
        report[0x48] = (byte) keyInfo;
        assertRefused(verify(CHIP.vcek(GUEST).sign(report)), "snp.unsigned");
    }

    @Test
    void refusesAReportThatAnotherKeySigned() {
        Evidence signedByOther = CHIP.vcek(GUEST).sign(CHIP.report(GUEST, RELEASE.reportData()));
        var swapped =
                new Evidence(
                        Evidence.Format.SNP_REPORT,
                        signedByOther.document(),
                        evidence(GUEST).items(), // with the certificate of a key of its own
                        List.of());
        assertRefused(verify(swapped), "snp.signature");
    }

    @Test
    void refusesEveryFieldOfAnotherTranscript() {
        byte[] reportData = RELEASE.reportData();
        Evidence evidence = CHIP.vcek(GUEST).sign(CHIP.report(GUEST, reportData));
        for (Transcript other : variants()) {
            assertRefused(
                    verifier.verify(evidence, challenge(other), policy()), "binding.report-data");
        }
    }

    @Test
    void neverMixesRoles() {
        Transcript serve = transcript(Role.SERVE, 1);
        Evidence forServing = CHIP.vcek(GUEST).sign(CHIP.report(GUEST, serve.reportData()));
        assertRefused(verify(forServing), "binding.report-data");

        Challenge<ServingKey> challenge = Challenge.serve(serve, NOW.plusSeconds(60));
        assertThat(verifier.verify(forServing, challenge, policy()))
                .isInstanceOf(Verdict.Trusted.class);
    }

    @Test
    void answersAChallengeOnce() {
        Challenge<EnclaveKey> challenge = challenge(RELEASE);
        assertThat(verifier.verify(evidence(GUEST), challenge, policy()))
                .isInstanceOf(Verdict.Trusted.class);
        assertRefused(verifier.verify(evidence(GUEST), challenge, policy()), "challenge.used");
    }

    @Test
    void usesAChallengeUpEvenWhenItRefuses() {
        Challenge<EnclaveKey> challenge = challenge(RELEASE);
        assertRefused(
                verifier.verify(evidence(GUEST.withDebug()), challenge, policy()),
                "snp.policy.debug");
        assertRefused(verifier.verify(evidence(GUEST), challenge, policy()), "challenge.used");
    }

    @Test
    void letsOneOfManyThreadsAnswer() throws Exception {
        Challenge<EnclaveKey> challenge = challenge(RELEASE);
        Evidence evidence = evidence(GUEST);
        var tasks = new ArrayList<Callable<Verdict<EnclaveKey>>>();
        for (int i = 0; i < 32; i++) {
            tasks.add(() -> verifier.verify(evidence, challenge, policy()));
        }
        int trusted = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var verdict : threads.invokeAll(tasks)) {
                trusted += verdict.get() instanceof Verdict.Trusted ? 1 : 0;
            }
        }
        assertThat(trusted).isEqualTo(1);
    }

    @Test
    void refusesAStaleChallenge() {
        Challenge<EnclaveKey> stale = Challenge.release(RELEASE, NOW.minusNanos(1));
        assertRefused(verifier.verify(evidence(GUEST), stale, policy()), "challenge.expired");
    }

    @Test
    void refusesCertificatesThatHaveExpired() {
        var later = InstantSource.fixed(NOW.plus(Duration.ofDays(366)));
        var challenge = Challenge.release(RELEASE, NOW.plus(Duration.ofDays(400)));
        assertRefused(
                new EvidenceVerifier(CHIP.anchors(), later)
                        .verify(evidence(GUEST), challenge, policy()),
                "snp.chain.validity");
    }

    @Test
    void refusesAnIntermediateThatTheOperatorsListRevokes() {
        assertRefused(
                withList(ChipAuthority.ASK_SERIAL)
                        .verify(evidence(GUEST), challenge(RELEASE), policy()),
                "snp.chain.revoked");
        assertThat(
                        withList(ChipAuthority.ROOT_SERIAL)
                                .verify(evidence(GUEST), challenge(RELEASE), policy()))
                .isInstanceOf(Verdict.Trusted.class);
    }

    @Test
    void refusesWithoutAnyRevocationList() {
        assertRefused(verify(withoutList(evidence(GUEST))), "snp.chain.revocation-unknown");
    }

    @Test
    void refusesWhenTheRevocationListIsStale() {
        CollateralSource oneDay = listed(CHIP.revocationList());
        Instant late = NOW.plus(Duration.ofDays(2));
        var challenge = Challenge.release(RELEASE, late.plusSeconds(1));
        assertRefused(
                new EvidenceVerifier(CHIP.anchors(), oneDay, InstantSource.fixed(late))
                        .verify(withoutList(evidence(GUEST)), challenge, policy()),
                "snp.chain.revocation-unknown");
    }

    @Test
    void refusesWhenTheOperatorsFolderCannotBeRead() {
        CollateralSource broken =
                () -> {
                    throw new IOException("no such folder");
                };
        assertRefused(
                new EvidenceVerifier(CHIP.anchors(), broken, CLOCK)
                        .verify(evidence(GUEST), challenge(RELEASE), policy()),
                "collateral.readable");
    }

    private static EvidenceVerifier withList(BigInteger... serials) {
        return new EvidenceVerifier(CHIP.anchors(), listed(CHIP.revocationList(serials)), CLOCK);
    }

    private static CollateralSource listed(byte[] list) {
        return () -> List.of(new EvidenceItem(EvidenceItem.Kind.CRL, list));
    }

    private static Evidence withoutList(Evidence evidence) {
        return new Evidence(evidence.format(), evidence.document(), evidence.endorsements());
    }

    @Test
    void refusesIncompleteChains() {
        Evidence complete = evidence(GUEST);
        for (int missing = 0; missing < 3; missing++) {
            var chain = new ArrayList<>(complete.endorsements());
            chain.remove(missing);
            assertRefused(
                    verify(new Evidence(complete.format(), complete.document(), chain)),
                    "snp.endorsements");
        }
    }

    @Test
    void refusesCertificatesThatAreNone() {
        Evidence complete = evidence(GUEST);
        var chain = new ArrayList<>(complete.endorsements());
        chain.add(new byte[] {0x30, 0x00});
        assertRefused(
                verify(new Evidence(complete.format(), complete.document(), chain)),
                "snp.endorsements");
    }

    private Verdict<EnclaveKey> verify(Evidence evidence) {
        return verifier.verify(evidence, challenge(RELEASE), policy());
    }

    private void assertTrusted(ChipConfig config) {
        assertThat(verify(evidence(config))).isInstanceOf(Verdict.Trusted.class);
    }

    private void assertRefused(ChipConfig config, String rule) {
        assertRefused(verify(evidence(config)), rule);
    }

    private static void assertRefused(Verdict<?> verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
    }

    private static Evidence evidence(ChipConfig config) {
        return CHIP.vcek(config).sign(CHIP.report(config, RELEASE.reportData()));
    }

    private static Challenge<EnclaveKey> challenge(Transcript transcript) {
        return Challenge.release(transcript, NOW.plusSeconds(60));
    }

    private static ReleasePolicy policyFor(ProductLine line) throws PolicyFormatException {
        PolicyDraft draft =
                ChipPolicy.draft(HexFormat.of().formatHex(MEASUREMENT))
                        .oneOf("snp.product", List.of(line.label()));
        if (line == ProductLine.TURIN) {
            List.of("reported", "committed", "launch")
                    .forEach(which -> draft.atLeast("snp.tcb." + which + ".fmc", 0));
        }
        return draft.policy();
    }

    private static ReleasePolicy policy() {
        return ChipPolicy.of(MEASUREMENT);
    }

    /** Transcripts that differ from {@link #RELEASE} in one field each, but not in the owner. */
    private static List<Transcript> variants() {
        var t = RELEASE;
        var other = Digest.sha256(new byte[] {99});
        var policy = t.policies().getFirst();
        return List.of(
                transcript(Role.RELEASE, 2),
                with(t, filled(10, 9), t.tlsSpki(), t.vaultKeyId(), t.tenant(), t.manifestDigest()),
                with(t, t.kemSpki(), filled(10, 9), t.vaultKeyId(), t.tenant(), t.manifestDigest()),
                with(t, t.kemSpki(), t.tlsSpki(), other, t.tenant(), t.manifestDigest()),
                with(t, t.kemSpki(), t.tlsSpki(), t.vaultKeyId(), "globex", t.manifestDigest()),
                with(t, t.kemSpki(), t.tlsSpki(), t.vaultKeyId(), t.tenant(), other),
                with(t, List.of(), t.bootId()),
                with(
                        t,
                        List.of(
                                new PolicyReference(
                                        policy.kind(), policy.id(), 2, policy.digest())),
                        t.bootId()),
                with(t, t.policies(), filled(16, 9)));
    }

    private static Transcript with(
            Transcript t, byte[] kem, byte[] tls, Digest vault, String tenant, Digest manifest) {
        return new Transcript(
                t.role(),
                t.nonce(),
                kem,
                tls,
                vault,
                t.owners(),
                tenant,
                manifest,
                t.policies(),
                t.posture(),
                t.bootId());
    }

    private static Transcript with(Transcript t, List<PolicyReference> policies, byte[] bootId) {
        return new Transcript(
                t.role(),
                t.nonce(),
                t.kemSpki(),
                t.tlsSpki(),
                t.vaultKeyId(),
                t.owners(),
                t.tenant(),
                t.manifestDigest(),
                policies,
                t.posture(),
                bootId);
    }

    private static Transcript with(Transcript t, NodeOwners owners) {
        return new Transcript(
                t.role(),
                t.nonce(),
                t.kemSpki(),
                t.tlsSpki(),
                t.vaultKeyId(),
                owners,
                t.tenant(),
                t.manifestDigest(),
                t.policies(),
                t.posture(),
                t.bootId());
    }

    private static Transcript transcript(Role role, int nonce) {
        return new Transcript(
                role,
                filled(32, nonce),
                role == Role.RELEASE ? filled(10, 3) : new byte[0],
                filled(10, 4),
                Digest.sha256(new byte[] {5}),
                NodeOwners.alone(OWNER),
                "acme",
                Digest.sha256(new byte[] {6}),
                List.of(
                        new PolicyReference(
                                PolicyReference.Kind.RELEASE,
                                "00112233445566778899aabbccddeeff",
                                1,
                                Digest.sha256(new byte[] {7}))),
                Posture.BASE,
                filled(16, 8));
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
