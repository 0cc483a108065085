package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.attestation.TrustAnchors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The evidence commands over recorded evidence, which is skipped without its folder. */
class EvidenceCommandsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("strongroom.attestation.vectors", "missing"));
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir Path dir;

    @BeforeEach
    void requireVectors() {
        assumeTrue(Files.isDirectory(ROOT), "recorded evidence is not at " + ROOT + ": skipped");
    }

    @Test
    void verifiesEveryRecordedReportAndRefusesItsTwins() throws Exception {
        var requests = new ArrayList<String>();
        var expected = new ArrayList<String>();
        for (Path folder : folders("snp")) {
            if (Files.exists(folder.resolve("meta.json"))) {
                String at = field(folder.resolve("meta.json"), "verify_at");
                Path trust = ROOT.resolve("snp/trust");
                requests.add(request(folder.resolve("report.bin"), "snp", at, folder, trust));
                expected.add("verified");
                for (Path twin : files(folder.resolve("neg"))) {
                    requests.add(request(twin, "snp", at, folder, trust));
                    expected.add("refused");
                }
            }
        }
        assertVerdicts(requests, expected);
    }

    @Test
    void verifiesEveryRecordedNitroDocumentUnderAwsRoot() throws Exception {
        var requests = new ArrayList<String>();
        var expected = new ArrayList<String>();
        for (Path folder : folders("nitro")) {
            String at = field(folder.resolve("meta.json"), "verify_at");
            requests.add(request(folder.resolve("doc.cbor"), "nitro", at));
            expected.add(folder.toString().contains("wrongroot") ? "refused" : "verified");
        }
        assertVerdicts(requests, expected);
    }

    @Test
    void ratesEveryRecordedQuoteAsExpected() throws Exception {
        var requests = new ArrayList<String>();
        var expected = new ArrayList<String>();
        for (JsonNode row : JSON.readTree(ROOT.resolve("tdx/vectors/expected_tcb.json").toFile())) {
            Path folder = ROOT.resolve("tdx/vectors").resolve(last(row.get(0).asString()));
            Path collateral = folder.resolve(row.get(1).asString());
            String at = field(collateral.resolve("time.json"), "verify_at");
            requests.add(
                    request(
                            folder.resolve("quote.bin"),
                            "tdx",
                            at,
                            collateral,
                            ROOT.resolve("tdx/trust")));
            expected.add(row.get(5).asString());
        }
        List<JsonNode> answers = batch(requests);
        for (int i = 0; i < answers.size(); i++) {
            boolean noMatch = expected.get(i).startsWith("NO_MATCH");
            assertThat(answers.get(i).get("verdict").asString())
                    .as(requests.get(i) + " " + answers.get(i).get("reason"))
                    .isEqualTo(noMatch ? "refused" : "verified");
            assertThat(answers.get(i).get(noMatch ? "rule" : "tcbStatus").asString())
                    .isEqualTo(noMatch ? "tdx.tcb.no-match" : expected.get(i));
        }
    }

    @Test
    void verifiesEvidenceOfAzureOfATpmAndOfAGpu() {
        Path azure = ROOT.resolve("azure/vectors/trustee-az-snp");
        String amd = ROOT.resolve("snp/trust").toString();
        assertThat(
                        verify(
                                azure.resolve("evidence-v1.json"),
                                "azure",
                                "2025-06-01T00:00:00Z",
                                azure.toString(),
                                amd))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(answer().get("claims").get("tee").asString()).isEqualTo("azure-sev-snp");
        Path tpm = ROOT.resolve("tpm/vectors/swtpm-ecc");
        assertThat(verify(tpm.resolve("q1.msg"), "tpm", "2026-11-22T00:00:00Z", tpm.toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        Path gpu = ROOT.resolve("nvidia/vectors/h100-nvtrust");
        assertThat(
                        verify(
                                gpu.resolve("hopperAttestationReport.txt"),
                                "nvidia",
                                "2026-11-22T00:00:00Z",
                                gpu.toString(),
                                ROOT.resolve("nvidia/trust").toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
    }

    @Test
    void verifiesEveryRecordedAzureVmAndItsBoots() throws Exception {
        Path vectors = ROOT.resolve("azure/vectors");
        Path chips = vectors.resolve("trustee-az-snp");
        Path amd = ROOT.resolve("snp/trust");
        for (String file : List.of("evidence-v1.json", "evidence-v2.json")) {
            String chip = field(chips.resolve(file), "vcek");
            Files.write(dir.resolve(file + ".crt"), Base64.getUrlDecoder().decode(chip));
        }
        var requests = new ArrayList<String>();
        for (Path file :
                List.of(
                        chips.resolve("evidence-v1.json"),
                        chips.resolve("evidence-v2.json"),
                        vectors.resolve("hcl-12afe0/hcl-report.bin"),
                        vectors.resolve("hcl-5145ba/hcl-report.bin"),
                        vectors.resolve("hcl-ca2703/hcl-report.bin"))) {
            requests.add(request(file, "azure", "2025-06-01T00:00:00Z", chips, dir, amd));
        }
        assertVerdicts(
                requests, List.of("verified", "verified", "verified", "verified", "verified"));
    }

    @Test
    void believesATpmsKeyFromTheOperatorsFolderOnly() throws Exception {
        Path tpm = ROOT.resolve("tpm/vectors/swtpm-ecc");
        Path quote = tpm.resolve("q1.msg");
        String at = "2026-11-22T00:00:00Z";
        assertVerdicts(
                List.of(request(quote, "tpm", at, tpm), request(quote, "tpm", at)),
                List.of("verified", "refused"));
    }

    private int verify(Path file, String type, String at, String... folders) {
        var words =
                new ArrayList<>(
                        List.of("evidence", "verify", file.toString(), "--type", type, "--at", at));
        words.add("--endorsements");
        words.addAll(List.of(folders));
        return run(words.toArray(String[]::new));
    }

    @Test
    void writesAPolicyThatTheSameEvidenceSatisfiesAndAnotherDoesNot() {
        Path genoa = ROOT.resolve("snp/vectors/genoa-v5-vcek-6d1cef");
        Path milan = ROOT.resolve("snp/vectors/milan-v3-vcek-8a73d9");
        String policy = dir.resolve("policy.json").toString();
        assertThat(inspect(genoa, "--policy-out", policy)).isZero();
        assertThat(inspect(genoa, "--policy", policy)).isZero();
        assertThat(answer().get("trust").get("tier").asString()).isEqualTo("affirming");
        assertThat(inspect(milan, "--policy", policy)).isEqualTo(5);
        assertThat(answer().get("refused_by").asString()).isEqualTo("policy.snp.chip-id");
    }

    @Test
    void saysWhichRuleRefusedAndWhichWereNotReached() {
        Path milan = ROOT.resolve("snp/vectors/milan-v3-vcek-8a73d9");
        String report = milan.resolve("report.bin").toString();
        assertThat(run("evidence", "inspect", report, "--at", "2025-01-22T00:00:00Z")).isEqualTo(5);
        assertThat(answer().get("refused_by").asString()).isEqualTo("snp.endorsements");
        assertThat(answer().get("rules").get("snp.format").asString()).isEqualTo("passed");
        assertThat(answer().get("rules").get("snp.signature").asString())
                .isEqualTo("not evaluated");
        assertThat(answer().get("trust").get("hardware").asInt()).isEqualTo(99);
    }

    @Test
    void demandsARevocationListWhenAsked() {
        Path milan = ROOT.resolve("snp/vectors/milan-v3-vcek-8a73d9");
        assertThat(
                        run(
                                "evidence",
                                "verify",
                                milan.resolve("report.bin").toString(),
                                "--endorsements",
                                milan.toString(),
                                ROOT.resolve("snp/trust").toString(),
                                "--at",
                                "2025-01-22T23:10:00Z",
                                "--require-crl"))
                .isEqualTo(5);
        assertThat(answer().get("rule").asString()).isEqualTo("snp.chain.revocation-unknown");
    }

    @Test
    void writesACompletePolicyForAnImage() throws IOException {
        Path policy = dir.resolve("release.json");
        assertThat(
                        run(
                                "policy",
                                "new",
                                "--tee",
                                "sev-snp",
                                "--product",
                                "Milan",
                                "--measurement",
                                "ab".repeat(48),
                                "--min-tcb",
                                "bl=3,tee=0,snp=20,ucode=210",
                                "--min-trust-level",
                                "hsm",
                                "--co-owner",
                                "cd".repeat(32),
                                "--out",
                                policy.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(Files.readString(policy))
                .contains(
                        "\"claim\":\"snp.platform.alias-check\",\"op\":\"in\",\"value\":[\"true\"]")
                .contains("\"minTrustLevel\": \"hsm\"")
                .contains("\"coOwners\": [\"" + "cd".repeat(32) + "\"]");
        assertThat(
                        run(
                                "policy",
                                "new",
                                "--tee",
                                "tdx",
                                "--product",
                                "x",
                                "--measurement",
                                "y",
                                "--min-tcb",
                                "z",
                                "--out",
                                "w"))
                .isEqualTo(1);
    }

    /** The policy accepts the evidence that it was made of; what is not genuine makes none. */
    @Test
    void writesAPolicyFromEvidenceOfOtherTees() throws Exception {
        Path nitro = ROOT.resolve("nitro/vectors/20251225-prod-54ae0f");
        String at = field(nitro.resolve("meta.json"), "verify_at");
        Path document = nitro.resolve("doc.cbor");
        assertThat(fromEvidence("nitro", document, at))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        String policy = dir.resolve("nitro.json").toString();
        String file = document.toString();
        assertThat(run("evidence", "inspect", file, "--at", at, "--policy", policy)).isZero();

        JsonNode row = JSON.readTree(ROOT.resolve("tdx/vectors/expected_tcb.json").toFile()).get(0);
        Path folder = ROOT.resolve("tdx/vectors").resolve(last(row.get(0).asString()));
        Path collateral = folder.resolve(row.get(1).asString());
        String then = field(collateral.resolve("time.json"), "verify_at");
        Path quote = folder.resolve("quote.bin");
        Path trust = ROOT.resolve("tdx/trust");
        assertThat(fromEvidence("tdx", quote, then, collateral, trust))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(Files.readString(dir.resolve("tdx.json"))).contains("tdx.mrtd", "tdx.rtmr2");

        byte[] changed = Files.readAllBytes(document);
        changed[changed.length - 1] ^= 1;
        Path other = Files.write(dir.resolve("other.cbor"), changed);
        Files.delete(dir.resolve("nitro.json"));
        assertThat(fromEvidence("nitro", other, at)).isEqualTo(5);
        assertThat(dir.resolve("nitro.json")).doesNotExist();
        assertThat(fromEvidence("tdx", document, at)).isNotZero();
    }

    /** A TPM alone isolates nothing: no policy is made that says otherwise. */
    @Test
    void writesNoPolicyFromAQuoteOfATpmAlone() {
        Path tpm = ROOT.resolve("tpm/vectors/swtpm-ecc");
        assertThat(fromEvidence("tpm", tpm.resolve("q1.msg"), "2026-11-22T00:00:00Z", tpm))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("would not be accepted");
        assertThat(dir.resolve("tpm.json")).doesNotExist();
    }

    private int fromEvidence(String tee, Path file, String at, Path... folders) {
        var words = new ArrayList<String>();
        words.addAll(List.of("policy", "new", "--tee", tee, "--evidence", file.toString()));
        words.addAll(List.of("--at", at, "--out", dir.resolve(tee + ".json").toString()));
        for (Path folder : folders) {
            words.addAll(List.of("--endorsements", folder.toString()));
        }
        return run(words.toArray(String[]::new));
    }

    @Test
    void refusesChipsThatAPolicyWouldNotJudge() {
        String chip = "cd".repeat(64);
        assertThat(policyNew("--vlek", "cloud", "--deny-chip", chip)).isEqualTo(1);
        assertThat(policyNew("--vlek", "cloud", "--chip", chip)).isEqualTo(1);
        assertThat(policyNew("--chip", chip, "--deny-chip", "ef".repeat(64))).isEqualTo(1);
        assertThat(policyNew("--deny-chip", chip)).isZero();
    }

    private int policyNew(String... more) {
        var words =
                new ArrayList<>(
                        List.of(
                                "policy",
                                "new",
                                "--tee",
                                "sev-snp",
                                "--product",
                                "Milan",
                                "--measurement",
                                "ab".repeat(48),
                                "--min-tcb",
                                "bl=3,tee=0,snp=20,ucode=210",
                                "--out",
                                dir.resolve("new.json").toString()));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private int inspect(Path vector, String... more) {
        var words =
                new ArrayList<>(
                        List.of(
                                "evidence",
                                "inspect",
                                vector.resolve("report.bin").toString(),
                                "--at",
                                "2026-01-01T00:00:00Z",
                                "--collateral",
                                vector.toString(),
                                ROOT.resolve("snp/trust").toString()));
        words.addAll(List.of(more));
        return run(words.toArray(String[]::new));
    }

    private void assertVerdicts(List<String> requests, List<String> expected) throws IOException {
        assertThat(requests).isNotEmpty();
        List<JsonNode> answers = batch(requests);
        for (int i = 0; i < requests.size(); i++) {
            assertThat(answers.get(i).get("verdict").asString())
                    .as(requests.get(i) + " " + answers.get(i).get("reason"))
                    .isEqualTo(expected.get(i));
        }
    }

    private List<JsonNode> batch(List<String> requests) throws IOException {
        Path list = dir.resolve("list.jsonl");
        Files.write(list, requests);
        assertThat(run("evidence", "verify", "--batch", list.toString())).isZero();
        List<JsonNode> answers =
                out.toString(StandardCharsets.UTF_8).lines().map(JSON::readTree).toList();
        assertThat(answers).hasSameSizeAs(requests);
        return answers;
    }

    private static String request(Path file, String type, String at, Path... folders) {
        return "{\"file\":\"%s\",\"type\":\"%s\",\"at\":\"%s\",\"endorsements\":[%s]}"
                .formatted(
                        file,
                        type,
                        at,
                        String.join(
                                ",",
                                Stream.of(folders).map(folder -> "\"" + folder + "\"").toList()));
    }

    private static List<Path> folders(String tee) throws IOException {
        try (var entries = Files.list(ROOT.resolve(tee).resolve("vectors"))) {
            return entries.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String field(Path json, String name) {
        return JSON.readTree(json.toFile()).get(name).asString();
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private JsonNode answer() {
        return JSON.readTree(out.toString(StandardCharsets.UTF_8));
    }

    private int run(String... words) {
        out.reset();
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Console.Errors.FILE,
                        Map.of("STRONGROOM_OUTPUT", "json"));
        return new StrongroomCommand(TrustAnchors.vendors(), console).execute(words);
    }
}
