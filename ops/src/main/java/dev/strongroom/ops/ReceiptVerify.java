package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.ReceiptCheck;
import dev.strongroom.crypto.format.Receipt;
import dev.strongroom.crypto.format.ReceiptStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Verify a receipt that `infer --receipt FILE` or `generate --receipt FILE` wrote, offline:",
            "the node's signature, its lease, the vault's signature for that, and the record of it in",
            "the log. Needs the pin and the owner id of the context, and nobody's answer. With the",
            "question or the answer that you kept it says whether the receipt is about these.",
            "",
            "  strongroom receipt verify FILE --question asked.json --answer answered.json"
        })
final class ReceiptVerify implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "FILE", description = "The receipt.")
    private Path file;

    @Option(
            names = "--question",
            paramLabel = "FILE",
            description = {
                "What was asked, in the protocol's JSON: as --question of `infer` kept it, or as it was",
                "sent over HTTP."
            })
    private @Nullable Path question;

    @Option(
            names = "--answer",
            paramLabel = "FILE",
            description = {
                "What was answered: as --answer of `infer` kept it, or as it came over HTTP."
            })
    private @Nullable Path answer;

    ReceiptVerify(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        ReceiptCheck.Proven proven =
                new ReceiptCheck(session.pin(), session.profile().requireOwner(), session.anchors())
                        .verify(receipt());
        if (question != null) {
            ExchangeJson.Kept asked = ExchangeJson.question(question);
            proven.requireQuestion(asked.id(), asked.tensors());
        }
        if (answer != null) {
            ExchangeJson.Kept answered = ExchangeJson.answer(answer);
            proven.requireAnswer(answered.version(), answered.id(), answered.tensors());
        }
        ReceiptStatement said = proven.statement();
        return session.print(
                Answer.with("model", said.model().toString())
                        .with("version", said.versionNumber())
                        .with("version_id", said.versionId().hex())
                        .with("manifest_digest", said.manifestDigest().hex())
                        .with("fingerprint_commitment", said.mark().map(Digest::hex).orElse(""))
                        .with("trust_level", said.trustLevel().name())
                        .with("kek_version", said.kekVersion())
                        .with(
                                "co_owners",
                                String.join(
                                        ",", proven.coOwners().stream().map(Digest::hex).toList()))
                        .with("tee", proven.lease().tee().label())
                        .with("output_policy", said.outputPolicy().hex())
                        .with("boot_id", HexFormat.of().formatHex(said.bootId()))
                        .with("lease_seq", said.seq())
                        .with("release_leaf", said.releaseLeaf())
                        .with("lease_leaf", said.auditLeaf())
                        .with("node_time", said.time().toString())
                        .with("request_digest", proven.request().hex())
                        .with("response_digest", proven.response().hex())
                        .with("question", question == null ? "not compared" : "ok")
                        .with("answer", answer == null ? "not compared" : "ok")
                        .with("receipt", "ok")
                        .one());
    }

    private Receipt receipt() throws ClientException, IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > Receipt.MAX_BYTES) {
            throw ClientException.local(
                    file + ": expected a receipt of at most " + Receipt.MAX_BYTES + " bytes",
                    "give the file that `infer --receipt` wrote");
        }
        try {
            return Receipt.decode(Files.readAllBytes(file));
        } catch (SealedFormatException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    file + ": " + e.getMessage(),
                    "give the file that `infer --receipt` wrote, unchanged",
                    e);
        }
    }
}
