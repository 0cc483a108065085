package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A platform that verifies, with one thing wrong at a time: the rule that must notice does. */
class TdxVerifierTest {
    private static final Duration TWO_DAYS = Duration.ofDays(2);

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void acceptsAPlatformAsItShouldBe(int version) {
        TdxVerdict verdict = new SoftwarePlatform(version).verify();
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TdxVerdict.Authentic.class,
                        authentic ->
                                assertThat(authentic.claims().values())
                                        .containsEntry("tee", "simulated")
                                        .containsEntry("tdx.version", Integer.toString(version))
                                        .containsEntry("tdx.mrtd", "11".repeat(48))
                                        .containsEntry("tdx.fmspc", TestCollateral.FMSPC)
                                        .containsEntry("tdx.attributes.debug", "false")
                                        .containsEntry("tdx.attributes.sept-ve-disable", "true")
                                        .containsEntry("tdx.tcb.status", "UpToDate")
                                        .containsEntry("tdx.tcb.launch-status", "UpToDate")
                                        .containsEntry("tdx.relaunch-advised", "false")
                                        .containsEntry("tdx.tcb.advisories", "")
                                        .containsEntry("tdx.tcb.evaluation-number", "18")
                                        .containsEntry("tdx.tcb.date", "2025-01-01T00:00:00Z"));
    }

    @Test
    void acceptsTheOlderBodyInAQuoteOfVersion5() {
        var platform = new SoftwarePlatform(5);
        platform.report = Arrays.copyOf(platform.report, TdReport.BYTES_1_0);
        assertThat(platform.verify()).isInstanceOf(TdxVerdict.Authentic.class);
    }

    @Test
    void acceptsCollateralOfOtherPlatformsAndOtherCertificatesBeside() {
        var platform = new SoftwarePlatform(5);
        platform.certificates.add(platform.root.encoded());
        platform.certificates.add(new byte[] {1, 2, 3});
        platform.moreTcbInfos.add(
                platform.signedJson(
                        TcbInfo.MEMBER,
                        platform.tcbInfo.replace(TestCollateral.FMSPC, "ffffffffffff")));
        platform.moreTcbInfos.add(new byte[0]);
        platform.moreLists.add(new byte[0]);
        assertThat(platform.verify()).isInstanceOf(TdxVerdict.Authentic.class);
    }

    /**
     * The sender's signing certificate comes first and is good, but its key signed nothing here.
     */
    @Test
    void triesEveryTcbSigner() {
        var platform = new SoftwarePlatform(5);
        TestCertificate other =
                TestCertificate.leaf("Intel SGX TCB Signing", 5).under(platform.root);
        other.key = TestCertificate.ec("secp256r1");
        platform.certificates.add(other.encoded());
        assertThat(platform.verify()).isInstanceOf(TdxVerdict.Authentic.class);

        platform.collateralKey = platform.root.key;
        assertRule(platform.verify(), "tdx.collateral.signature");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"chains", "revocations", "signatures", "collaterals", "modules"})
    void refuses(String rule, String what, Consumer<SoftwarePlatform> fault) {
        var platform = new SoftwarePlatform(5);
        fault.accept(platform);
        assertRule(platform.verify(), rule);
    }

    static Stream<Arguments> chains() {
        return Stream.of(
                fault(
                        "tdx.chain.certificates",
                        "a byte behind a certificate",
                        p ->
                                p.chain =
                                        Optional.of(
                                                List.of(
                                                        Arrays.copyOf(
                                                                p.leaf.encoded(),
                                                                p.leaf.encoded().length + 1),
                                                        p.authority.encoded(),
                                                        p.root.encoded()))),
                fault(
                        "tdx.chain.names",
                        "root first",
                        p ->
                                p.chain =
                                        Optional.of(
                                                List.of(
                                                        p.authority.encoded(),
                                                        p.leaf.encoded(),
                                                        p.root.encoded()))),
                fault("tdx.chain.names", "leaf", p -> p.leaf.name = "Intel SGX TCB Signing"),
                fault(
                        "tdx.chain.names",
                        "authority",
                        p -> {
                            p.authority.name = "Intel SGX TCB Signing";
                            p.leaf.issuerName = p.authority.name;
                        }),
                fault("tdx.chain.names", "leaf's issuer", p -> p.leaf.issuerName = p.root.name),
                fault(
                        "tdx.chain.names",
                        "authority's issuer",
                        p -> p.authority.issuerName = p.leaf.name),
                fault("tdx.chain.keys", "leaf is an authority", p -> p.leaf.isAuthority = true),
                fault("tdx.chain.keys", "authority is none", p -> p.authority.isAuthority = false),
                fault("tdx.chain.keys", "leaf's usage", p -> p.leaf.usage = KeyUsage.keyAgreement),
                fault(
                        "tdx.chain.keys",
                        "authority without lists",
                        p -> p.authority.usage = KeyUsage.keyCertSign),
                fault(
                        "tdx.chain.keys",
                        "leaf on another curve",
                        p -> {
                            p.leaf.key = TestCertificate.ec("secp384r1");
                        }),
                fault("tdx.chain.validity", "leaf expired", p -> expire(p.leaf)),
                fault("tdx.chain.validity", "authority expired", p -> expire(p.authority)),
                fault("tdx.chain.validity", "root expired", p -> expire(p.root)),
                fault(
                        "tdx.chain.validity",
                        "leaf not yet valid",
                        p -> p.leaf.notBefore = TestCertificate.NOW.plusSeconds(1)),
                fault(
                        "tdx.chain.signature",
                        "leaf by another key",
                        p -> p.leaf.issuerKey = p.signer.key),
                fault(
                        "tdx.chain.signature",
                        "authority by another key",
                        p -> p.authority.issuerKey = p.signer.key),
                fault(
                        "tdx.chain.signature",
                        "another digest",
                        p -> p.leaf.algorithm = "SHA384withECDSA"),
                fault(
                        "tdx.chain.path",
                        "unknown critical extension",
                        p -> p.leaf.unknownCriticalExtension = true),
                fault(
                        "tdx.pck.extension",
                        "missing",
                        p -> p.leaf.extensions.remove(PckExtension.OID)),
                fault(
                        "tdx.pck.extension",
                        "empty",
                        p -> p.leaf.extensions.put(PckExtension.OID, new byte[0])));
    }

    static Stream<Arguments> revocations() {
        return Stream.of(
                fault("tdx.chain.revocation-unknown", "root's stale", p -> end(p.rootList)),
                fault("tdx.chain.revocation-unknown", "authority's stale", p -> end(p.pckList)),
                fault(
                        "tdx.chain.revocation-unknown",
                        "not yet",
                        p -> p.pckList.thisUpdate = TestCertificate.NOW.plusSeconds(1)),
                fault(
                        "tdx.chain.revocation-unknown",
                        "of another issuer",
                        p -> p.pckList.issuerName = p.root.name),
                fault(
                        "tdx.chain.revocation-unknown",
                        "by another key",
                        p -> p.pckList.issuerKey = p.root.key),
                fault(
                        "tdx.chain.revocation-unknown",
                        "another digest",
                        p -> p.rootList.algorithm = "SHA384withECDSA"),
                fault(
                        "tdx.chain.revocation-unknown",
                        "only the changes",
                        p -> p.rootList.isDelta = true),
                fault("tdx.chain.revoked", "leaf", p -> p.pckList.revoked.add(p.leaf.serial)),
                fault(
                        "tdx.chain.revoked",
                        "authority",
                        p -> p.rootList.revoked.add(p.authority.serial)),
                fault("tdx.chain.revoked", "signer", p -> p.rootList.revoked.add(p.signer.serial)),
                fault(
                        "tdx.chain.revoked",
                        "leaf, in a list that has ended",
                        p -> {
                            p.pckList.revoked.add(p.leaf.serial);
                            end(p.pckList);
                        }),
                fault(
                        "tdx.chain.revoked",
                        "signer, in a list that has ended, beside a current one",
                        p -> {
                            var ended = new TestList(p.root);
                            ended.revoked.add(p.signer.serial);
                            end(ended);
                            p.moreLists.add(ended.encoded());
                        }),
                fault(
                        "tdx.chain.revoked",
                        "in one of two current lists",
                        p -> {
                            var second = new TestList(p.authority);
                            second.revoked.add(p.leaf.serial);
                            p.moreLists.add(second.encoded());
                        }));
    }

    static Stream<Arguments> signatures() {
        return Stream.of(
                fault("tdx.qe.signature", "another key", p -> p.enclaveSigner = p.root.key),
                fault(
                        "tdx.qe.binding",
                        "another attestation key",
                        p -> p.enclaveReportData = Optional.of(new byte[32])),
                fault(
                        "tdx.qe.binding",
                        "more than the key's hash",
                        p -> {
                            byte[] data = Arrays.copyOf(boundTo(p), 64);
                            data[63] = 1;
                            p.enclaveReportData = Optional.of(data);
                        }),
                fault(
                        "tdx.qe.binding",
                        "authentication data left out",
                        p ->
                                p.enclaveReportData =
                                        Optional.of(
                                                Digest.sha256(
                                                                SoftwarePlatform.coordinates(
                                                                        p.attestationKey))
                                                        .bytes())),
                fault(
                        "tdx.attestation-key",
                        "off the curve",
                        p -> {
                            byte[] point = SoftwarePlatform.coordinates(p.attestationKey);
                            point[63] ^= 1;
                            p.attestationPoint = Optional.of(point);
                        }),
                fault(
                        "tdx.attestation-key",
                        "beyond the field",
                        p -> {
                            byte[] point = new byte[64];
                            Arrays.fill(point, (byte) 0xff);
                            p.attestationPoint = Optional.of(point);
                        }),
                fault("tdx.signature", "another key", p -> p.quoteSigner = p.leaf.key));
    }

    static Stream<Arguments> collaterals() {
        return Stream.of(
                fault("tdx.collateral.signer", "expired", p -> expire(p.signer)),
                fault(
                        "tdx.collateral.signer",
                        "another name",
                        p -> p.signer.name = "Intel SGX PCK Certificate"),
                fault("tdx.collateral.signer", "authority", p -> p.signer.isAuthority = true),
                fault(
                        "tdx.collateral.signer",
                        "another curve",
                        p -> p.signer.key = TestCertificate.ec("secp384r1")),
                fault("tdx.collateral.signer", "usage", p -> p.signer.usage = KeyUsage.cRLSign),
                fault("tdx.collateral.signer", "another issuer", p -> p.signer.under(p.authority)),
                fault(
                        "tdx.collateral.signer",
                        "by another key",
                        p -> p.signer.issuerKey = p.authority.key),
                fault(
                        "tdx.collateral.signer",
                        "critical extension",
                        p -> p.signer.unknownCriticalExtension = true),
                fault("tdx.collateral.signature", "key", p -> p.collateralKey = p.root.key),
                fault("tdx.collateral.format", "SGX", p -> p.tcbInfo = swap(p, "TDX\"", "SGX\"")),
                fault(
                        "tdx.collateral.format",
                        "version",
                        p -> p.tcbInfo = swap(p, "\"version\":3", "\"version\":4")),
                fault(
                        "tdx.collateral.format",
                        "type",
                        p -> p.tcbInfo = swap(p, "\"tcbType\":0", "\"tcbType\":1")),
                fault(
                        "tdx.collateral.format",
                        "unknown status",
                        p -> p.tcbInfo = swap(p, "OutOfDate", "Outdated")),
                fault(
                        "tdx.collateral.format",
                        "another enclave",
                        p -> p.qeIdentity = p.qeIdentity.replace("TD_QE", "QE")),
                fault(
                        "tdx.collateral.format",
                        "another version",
                        p -> p.qeIdentity = p.qeIdentity.replace("\"version\":2", "\"version\":1")),
                fault(
                        "tdx.collateral.mismatch",
                        "model",
                        p -> p.tcbInfo = swap(p, TestCollateral.FMSPC, "00a06d080001")),
                fault(
                        "tdx.collateral.mismatch",
                        "PCE",
                        p -> p.tcbInfo = swap(p, "pceId\":\"0000", "pceId\":\"0001")),
                fault(
                        "tdx.collateral.stale",
                        "TCB info expired",
                        p -> p.tcbInfo = swap(p, "2026-12-21T12:00:00Z", "2026-11-22T11:59:59Z")),
                fault(
                        "tdx.collateral.stale",
                        "TCB info of tomorrow",
                        p -> p.tcbInfo = swap(p, "2026-11-21T12:00:00Z", "2026-11-22T12:00:01Z")),
                fault(
                        "tdx.collateral.stale",
                        "QE identity expired",
                        p ->
                                p.qeIdentity =
                                        p.qeIdentity.replace(
                                                "2026-12-21T12:00:00Z", "2026-11-22T11:59:59Z")));
    }

    static Stream<Arguments> modules() {
        return Stream.of(
                fault("tdx.qe.identity", "signer", p -> p.enclave[159] ^= 1),
                fault("tdx.qe.identity", "product", p -> p.enclave[257] = 1),
                fault("tdx.qe.identity", "debug attribute", p -> p.enclave[48] |= 2),
                fault("tdx.qe.identity", "not initialised", p -> p.enclave[48] = 0x14),
                fault("tdx.qe.identity", "miscellaneous", p -> p.enclave[16] = 1),
                fault("tdx.module.unknown", "version", p -> p.report[0x001] = 2),
                fault("tdx.module.signer", "signer", p -> p.report[0x06f] = 1),
                fault("tdx.module.attributes", "attributes", p -> p.report[0x070] = 1),
                fault(
                        "tdx.module.attributes",
                        "attributes that nobody masks",
                        p -> {
                            p.report[0x070] = 1;
                            p.tcbInfo = swap(p, "FF".repeat(8), "00".repeat(8));
                        }));
    }

    @Test
    void refusesAnotherRoot() {
        var platform = new SoftwarePlatform(5);
        byte[] other = TestCertificate.authority("Intel SGX Root CA", 1).encoded();
        assertRule(platform.verify(TdxRoots.of(Digest.sha256(other))), "tdx.chain.root");
        assertRule(platform.verify(TdxRoots.intel()), "tdx.chain.root");
    }

    @Test
    void refusesWithoutAnyPartOfTheCollateral() {
        var platform = new SoftwarePlatform(5);
        TdxCollateral all = platform.collateral();
        List<byte[]> none = List.of();
        assertWith(
                platform,
                new TdxCollateral(none, all.revocationLists(), all.tcbInfos(), all.qeIdentities()),
                "tdx.collateral.signer");
        assertWith(
                platform,
                new TdxCollateral(all.certificates(), none, all.tcbInfos(), all.qeIdentities()),
                "tdx.chain.revocation-unknown");
        assertWith(
                platform,
                new TdxCollateral(
                        all.certificates(), all.revocationLists(), none, all.qeIdentities()),
                "tdx.collateral.missing");
        assertWith(
                platform,
                new TdxCollateral(all.certificates(), all.revocationLists(), all.tcbInfos(), none),
                "tdx.collateral.missing");
    }

    @Test
    void demandsTheTcbRecoveryThatItWasTold() {
        var platform = new SoftwarePlatform(5);
        assertThat(platform.verify(platform.roots().withMinEvaluationDataNumber(18)))
                .isInstanceOf(TdxVerdict.Authentic.class);
        assertRule(
                platform.verify(platform.roots().withMinEvaluationDataNumber(19)),
                "tdx.collateral.evaluation-number");
        platform.tcbInfo = platform.tcbInfo.replace("Number\":18", "Number\":19");
        assertRule(
                platform.verify(platform.roots().withMinEvaluationDataNumber(19)),
                "tdx.collateral.evaluation-number");
    }

    @Test
    void takesTheNewestOfSeveralTcbInfosWhateverTheirOrder() {
        var platform = new SoftwarePlatform(5);
        String newer = platform.tcbInfo.replace("UpToDate", "OutOfDate").replace("\":18", "\":19");
        platform.moreTcbInfos.add(platform.signedJson(TcbInfo.MEMBER, newer));
        assertThat(platform.verify())
                .isInstanceOfSatisfying(
                        TdxVerdict.Authentic.class,
                        it -> assertThat(it.tcb().launch()).isEqualTo(TcbStatus.OUT_OF_DATE));
    }

    @Test
    void acceptsAnyOfSeveralSignersThatCounts() {
        var platform = new SoftwarePlatform(5);
        var expired = TestCertificate.leaf("Intel SGX TCB Signing", 4).under(platform.root);
        expire(expired);
        platform.certificates.add(expired.encoded());
        assertThat(platform.verify()).isInstanceOf(TdxVerdict.Authentic.class);
    }

    @Test
    void claimsWhichRegistersTheEventLogExplains() {
        var platform = new SoftwarePlatform(5);
        byte[] log = new CcLogBytes().event(1, "firmware").encoded();
        TdxVerdict verdict = verifyWithLog(platform, log);
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TdxVerdict.Authentic.class,
                        it ->
                                assertThat(it.claims().values())
                                        .containsEntry("tdx.log.rtmr0", "false")
                                        .containsEntry("tdx.log.rtmr1", "true"));
        assertRule(verifyWithLog(platform, new byte[] {1}), "tdx.log.format");
    }

    private static TdxVerdict verifyWithLog(SoftwarePlatform platform, byte[] log) {
        return new TdxVerifier(platform.roots(), Tee.SIMULATED)
                .verify(platform.quote(), platform.collateral(), log, TestCertificate.NOW);
    }

    private static Arguments fault(String rule, String what, Consumer<SoftwarePlatform> fault) {
        return arguments(rule, what, fault);
    }

    private static void expire(TestCertificate certificate) {
        certificate.notBefore = TestCertificate.NOW.minus(TWO_DAYS);
        certificate.notAfter = TestCertificate.NOW.minusSeconds(1);
    }

    private static void end(TestList list) {
        list.thisUpdate = TestCertificate.NOW.minus(TWO_DAYS);
        list.nextUpdate = TestCertificate.NOW.minusSeconds(1);
    }

    private static String swap(SoftwarePlatform platform, String from, String to) {
        assertThat(platform.tcbInfo).contains(from);
        return platform.tcbInfo.replace(from, to);
    }

    private static byte[] boundTo(SoftwarePlatform platform) {
        return Digest.sha256(
                        SoftwarePlatform.coordinates(platform.attestationKey),
                        platform.authenticationData)
                .bytes();
    }

    private static void assertWith(
            SoftwarePlatform platform, TdxCollateral collateral, String rule) {
        assertRule(
                new TdxVerifier(platform.roots(), Tee.SIMULATED)
                        .verify(platform.quote(), collateral, TestCertificate.NOW),
                rule);
    }

    static void assertRule(TdxVerdict verdict, String rule) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        TdxVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).as(refused.reason()).isEqualTo(rule));
    }
}
