package dev.strongroom.ops;

import dev.strongroom.attestation.AppraisalResult;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Say whether hardware of a vendor signed evidence, offline and under the pinned roots:",
            "exit 0 and verified, or exit 5 and refused with the rule. Whether it is fresh and whom",
            "it speaks for only the one who asked for it can tell."
        })
final class EvidenceVerify implements Callable<Integer> {
    private final Session session;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "Report, quote or document; evidence of this program needs no --type.")
    private @Nullable Path file;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "snp, tdx, nitro, tpm, azure or nvidia.")
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
            names = "--require-crl",
            description = "Refuse without a current revocation list, as a vault does.")
    private boolean requireCrl;

    @Option(
            names = "--batch",
            paramLabel = "LIST",
            description = {
                "Answer one line for each line of a file of JSON objects with the fields file,",
                "type, endorsements (a list) and at. Exit 0 when every line was answered."
            })
    private @Nullable Path batch;

    EvidenceVerify(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        if ((file == null) == (batch == null)) {
            throw ClientException.local("expected FILE or --batch LIST", "give one of them");
        }
        var check =
                new EvidenceCheck(
                        session.anchors(),
                        requireCrl ? Revocation.REQUIRED : Revocation.WHEN_GIVEN);
        return batch == null ? one(check) : new EvidenceBatch(session, check).run(batch);
    }

    private int one(EvidenceCheck check) throws ClientException, IOException {
        AppraisalResult result =
                check.of(
                        Objects.requireNonNull(file),
                        type == null ? null : EvidenceFile.Type.of(type),
                        folders,
                        at == null ? session.clock().instant() : instant(at));
        session.print(EvidenceCheck.answer(result).one());
        return result.refusal().isEmpty()
                ? ExitCode.OK.number()
                : ExitCode.VERIFICATION_FAILED.number();
    }

    static Instant instant(String text) throws ClientException {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw ClientException.local(
                    "--at " + text + ": expected an instant", "for example 2026-11-22T12:00:00Z");
        }
    }
}
