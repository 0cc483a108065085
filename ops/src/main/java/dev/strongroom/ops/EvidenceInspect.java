package dev.strongroom.ops;

import dev.strongroom.attestation.AppraisalResult;
import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceInspector;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.attestation.policy.PolicyDraft;
import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = {
            "Show what evidence says and every rule's outcome, offline; with --policy what a",
            "release policy would say of it. Exit 0, or 5 when a rule refuses."
        })
final class EvidenceInspect implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "FILE",
            description = "Report, quote, document, evidence or result token.")
    private Path file;

    @Option(
            names = {"--type", "--tee"},
            paramLabel = "TYPE",
            description = "snp, tdx, nitro, tpm, azure or nvidia; found out when left out.")
    private @Nullable String type;

    @Option(
            names = {"--endorsements", "--collateral"},
            arity = "1..*",
            paramLabel = "DIR",
            description = "Folders with certificates, revocation lists, TCB info, under any names.")
    private List<Path> folders = List.of();

    @Option(
            names = "--at",
            paramLabel = "INSTANT",
            description = "The moment to judge at, ISO 8601; now when left out.")
    private @Nullable String at;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "A release policy (JSON) to judge the claims by.")
    private @Nullable Path policy;

    @Option(
            names = "--policy-out",
            paramLabel = "FILE",
            description = {
                "Write a policy that accepts what this evidence says, or newer firmware, and",
                "nothing else. Read it before you sign it."
            })
    private @Nullable Path policyOut;

    EvidenceInspect(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        Optional<String> token = type == null ? TokenFile.find(file) : Optional.empty();
        return token.isPresent() ? inspect(token.get()) : inspect();
    }

    private int inspect(String token) throws ClientException {
        try {
            return session.print(
                    TokenFile.row(ResultToken.uncheckedClaims(token))
                            .with("signature", "not checked; see: strongroom evidence token verify")
                            .one());
        } catch (SealedFormatException e) {
            throw ClientException.unverified(
                    String.valueOf(e.getMessage()), "get the token again from the vault");
        }
    }

    private int inspect() throws Exception {
        Evidence evidence =
                EvidenceFile.read(file, type == null ? null : EvidenceFile.Type.of(type));
        Instant moment = at == null ? session.clock().instant() : EvidenceVerify.instant(at);
        EvidenceInspector inspector =
                new EvidenceCheck(session.anchors(), Revocation.WHEN_GIVEN).inspector(folders);
        AppraisalResult result =
                policy == null
                        ? inspector.inspect(evidence, moment)
                        : inspector.inspect(evidence, moment, PolicyFile.read(policy));
        if (policyOut != null && result.claims().isPresent()) {
            PolicyNew.write(policyOut, PolicyDraft.pinning(result.claims().get()));
        }
        session.print(answer(evidence, result));
        return result.refusal().isEmpty()
                ? ExitCode.OK.number()
                : ExitCode.VERIFICATION_FAILED.number();
    }

    private static Answer answer(Evidence evidence, AppraisalResult result) {
        Answer.Fields fields =
                Answer.with("format", label(evidence.format()))
                        .with("digest", evidence.digest().hex())
                        .with("trust", vector(result.vector()))
                        .with("refused_by", result.refusal().map(RuleOutcome::rule).orElse(""))
                        .with(
                                "root",
                                result.claims()
                                        .map(claims -> claims.rootFingerprint().hex())
                                        .orElse(""));
        var rules = new LinkedHashMap<String, String>();
        result.rules().forEach(rule -> rules.put(rule.rule(), text(rule)));
        return fields.with("rules", rules)
                .with(
                        "claims",
                        new TreeMap<>(result.claims().map(Claims::values).orElseGet(Map::of)))
                .one();
    }

    static Map<String, Object> vector(TrustVector vector) {
        var elements = new LinkedHashMap<String, Object>();
        elements.put("hardware", vector.hardware());
        elements.put("executables", vector.executables());
        elements.put("configuration", vector.configuration());
        elements.put("tier", vector.tier().name().toLowerCase(Locale.ROOT));
        return elements;
    }

    private static String text(RuleOutcome rule) {
        String state =
                switch (rule.state()) {
                    case PASSED -> "passed";
                    case FAILED -> "FAILED";
                    case NOT_EVALUATED -> "not evaluated";
                };
        return rule.expected().isEmpty() ? state : state + ": " + rule.expected();
    }

    private static String label(Evidence.Format format) {
        return format.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
