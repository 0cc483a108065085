package dev.strongroom.ops;

import dev.strongroom.attestation.AppraisalResult;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.policy.PolicyDraft;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "new",
        description = {
            "Write a complete release policy to a file: one line for each claim that a policy must",
            "say something about. Read it, change it, then: strongroom policy set --release FILE.",
            "What is left at \"any\" is accepted whatever it is. With --evidence the policy accepts what",
            "a genuine piece of evidence says, or newer firmware, and nothing else; without, an image",
            "on SEV-SNP of which you name the measurement."
        })
final class PolicyNew implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tee",
            required = true,
            paramLabel = "TEE",
            description = "sev-snp, tdx, nitro, tpm or azure; all but sev-snp need --evidence.")
    private String tee;

    @Option(
            names = "--evidence",
            paramLabel = "FILE",
            description = "A report, quote or document of a node that shall have the key.")
    private @Nullable Path evidence;

    @Option(
            names = "--endorsements",
            arity = "1..*",
            paramLabel = "DIR",
            description = "Folders with the evidence's certificates, lists and TCB info.")
    private List<Path> folders = List.of();

    @Option(
            names = "--at",
            paramLabel = "INSTANT",
            description = "When the evidence was genuine, ISO 8601; now when left out.")
    private @Nullable String at;

    @Option(
            names = "--measurement",
            arity = "1..*",
            paramLabel = "HEX",
            description = "Launch digest of an image that may have the key.")
    private List<String> measurements = List.of();

    @Option(names = "--product", paramLabel = "LINE", description = "Milan, Genoa or Turin.")
    private @Nullable String product;

    @Option(
            names = "--min-tcb",
            paramLabel = "PARTS",
            description = "Least security versions: bl=N,tee=N,snp=N,ucode=N and on Turin fmc=N.")
    private @Nullable String leastTcb;

    @Option(
            names = "--vlek",
            paramLabel = "PROVIDER",
            description = "Take reports that this cloud provider's VLEK signed, not a chip's VCEK.")
    private @Nullable String provider;

    @Option(
            names = "--chip",
            arity = "1..*",
            paramLabel = "HEX",
            description = "Only these chips (64-byte ids).")
    private @Nullable List<String> chips;

    @Option(
            names = "--deny-chip",
            arity = "1..*",
            paramLabel = "HEX",
            description = "Any chip but these.")
    private @Nullable List<String> deniedChips;

    @Option(
            names = "--id-key",
            arity = "1..*",
            paramLabel = "HEX",
            description = "Only guests whose ID block one of these keys signed (SHA-384).")
    private @Nullable List<String> idKeys;

    @Option(
            names = "--author-key",
            arity = "1..*",
            paramLabel = "HEX",
            description = "Only guests whose ID key one of these author keys signed (SHA-384).")
    private @Nullable List<String> authorKeys;

    @Option(
            names = "--mitigations",
            paramLabel = "HEX",
            description = "Mitigations (16 digits) that must be verified; version 5 reports on.")
    private @Nullable String mitigations;

    @Option(names = "--no-smt", description = "Only guests that may not share a core.")
    private boolean noSmt;

    @Option(
            names = "--allow-provisional",
            description = "Take platforms whose firmware can still be rolled back.")
    private boolean allowProvisional;

    @Option(
            names = "--min-trust-level",
            paramLabel = "LEVEL",
            converter = ModelPush.LevelConverter.class,
            description = {
                "Only a data key that the vault keeps at this level or above: software, soft-token,",
                "hsm, hsm-trusted."
            })
    private @Nullable TrustLevel leastLevel;

    @Option(
            names = "--min-version",
            paramLabel = "N",
            description = "No version before it is given to any node.")
    private @Nullable Long leastVersion;

    @Option(
            names = "--co-owner",
            arity = "1..*",
            paramLabel = "ID",
            description = {
                "Models of these owners (64 hex digits, as owner init prints) may be on the same node,",
                "in the same process, where their policies name you; without it, nobody else's."
            })
    private @Nullable List<String> coOwners;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where to write it; must not exist.")
    private Path out;

    PolicyNew(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        PolicyDraft draft = draft();
        ReleasePolicy policy;
        try {
            policy = draft.policy();
        } catch (PolicyFormatException e) {
            throw ClientException.local(
                    "the policy would not be accepted: " + e.getMessage(), "correct the options");
        }
        write(out, draft);
        return session.print(
                Answer.with("file", out.toString())
                        .with("digest", policy.digest().hex())
                        .with("claims", policy.named().size())
                        .one());
    }

    static void write(Path file, PolicyDraft draft) throws ClientException, IOException {
        if (Files.exists(file)) {
            throw ClientException.local(file + " exists", "give another --out");
        }
        Files.writeString(file, draft.json(), StandardOpenOption.CREATE_NEW);
    }

    private PolicyDraft draft() throws ClientException, IOException {
        requireOneWayToChooseChips();
        PolicyDraft draft = evidence == null ? named() : shown(evidence);
        if (provider != null) {
            draft.oneOf("snp.signer", List.of("vlek")).oneOf("snp.provider", List.of(provider));
        }
        if (chips != null) {
            draft.oneOf("snp.chip-id", requireHex("--chip", chips, 128));
        }
        if (deniedChips != null) {
            draft.noneOf("snp.chip-id", requireHex("--deny-chip", deniedChips, 128));
        }
        if (idKeys != null) {
            draft.oneOf("snp.id-key-digest", requireHex("--id-key", idKeys, 96));
        }
        if (authorKeys != null) {
            draft.oneOf("snp.author-key-digest", requireHex("--author-key", authorKeys, 96));
        }
        if (mitigations != null) {
            long mask =
                    HexFormat.fromHexDigitsToLong(
                            requireHex("--mitigations", List.of(mitigations), 16).getFirst());
            draft.bits("snp.mitigations.launch", mask).bits("snp.mitigations.current", mask);
        }
        if (leastLevel != null) {
            draft.keptAt(leastLevel);
        }
        if (leastVersion != null) {
            draft.from(leastVersion);
        }
        if (coOwners != null) {
            requireHex("--co-owner", coOwners, 64);
            draft.beside(coOwners.stream().map(Digest::new).toList());
        }
        if (noSmt) {
            draft.oneOf("snp.policy.smt", List.of("false"));
        }
        if (allowProvisional) {
            draft.any("snp.provisional.reported").any("snp.provisional.committed");
        }
        return draft;
    }

    /** What the options say of an image on SEV-SNP. */
    private PolicyDraft named() throws ClientException {
        if (!tee.equals("sev-snp")) {
            throw ClientException.local(
                    "--tee " + tee + " without --evidence: expected sev-snp",
                    "give a piece of evidence of a node: --evidence FILE --endorsements DIR");
        }
        return PolicyDraft.sevSnp(
                line(),
                requireHex("--measurement", measurements, 96),
                LeastTcb.parse(required("--min-tcb", leastTcb)));
    }

    /** What a genuine piece of evidence says; whoever made another one up gets no policy. */
    private PolicyDraft shown(Path file) throws ClientException, IOException {
        if (!measurements.isEmpty() || product != null || leastTcb != null) {
            throw ClientException.local(
                    "--evidence with --measurement, --product or --min-tcb: the evidence says them",
                    "leave one or the other out");
        }
        Instant moment = at == null ? session.clock().instant() : EvidenceVerify.instant(at);
        AppraisalResult result =
                new EvidenceCheck(session.anchors(), Revocation.WHEN_GIVEN)
                        .of(file, EvidenceFile.Type.of(tee), folders, moment);
        Optional<RuleOutcome> refusal = result.refusal();
        if (refusal.isPresent() || result.claims().isEmpty()) {
            throw ClientException.unverified(
                    file
                            + " is not genuine: "
                            + refusal.map(failed -> failed.rule() + ": " + failed.expected())
                                    .orElse("it says nothing"),
                    "look at it: strongroom evidence inspect FILE --endorsements DIR");
        }
        return PolicyDraft.pinning(result.claims().get());
    }

    private static String required(String option, @Nullable String value) throws ClientException {
        if (value == null) {
            throw ClientException.local(
                    option + " is missing", "give it, or a piece of evidence: --evidence FILE");
        }
        return value;
    }

    private void requireOneWayToChooseChips() throws ClientException {
        if (chips != null && deniedChips != null) {
            throw ClientException.local(
                    "--chip with --deny-chip: expected one of them",
                    "--chip alone takes these chips and no others");
        }
        if (provider != null && (chips != null || deniedChips != null)) {
            throw ClientException.local(
                    "--vlek with --chip or --deny-chip: a report that a VLEK signed names no chip",
                    "choose a VLEK's provider or chips, or deny the provider's firmware by"
                            + " --min-tcb");
        }
    }

    private ProductLine line() throws ClientException {
        return ProductLine.ofProductName(required("--product", product))
                .orElseThrow(() ->
                        ClientException.local(
                                "--product " + product + ": expected Milan, Genoa or Turin",
                                "strongroom evidence inspect FILE says which it is"));
    }

    private static List<String> requireHex(String option, List<String> values, int digits)
            throws ClientException {
        if (values.isEmpty()) {
            throw ClientException.local(
                    option + " is missing", "give it, or a piece of evidence: --evidence FILE");
        }
        for (String value : values) {
            if (!value.matches("[0-9a-f]{" + digits + "}")) {
                throw ClientException.local(
                        option + ": expected " + digits + " lower-case hex digits",
                        "copy it from the image's build or from evidence inspect");
            }
        }
        return values;
    }
}
