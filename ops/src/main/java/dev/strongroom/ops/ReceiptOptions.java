package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a signed receipt is wanted, and what is kept with it. */
final class ReceiptOptions {
    @Option(
            names = "--receipt",
            paramLabel = "FILE",
            description = {
                "Ask for a signed receipt, verify it and write it to FILE; `receipt verify FILE`",
                "verifies it again, offline."
            })
    private @Nullable Path receipt;

    @Option(
            names = "--question",
            paramLabel = "FILE",
            description = "Keep what was asked, for `receipt verify --question`.")
    private @Nullable Path question;

    @Option(
            names = "--answer",
            paramLabel = "FILE",
            description = "Keep what was answered, for `receipt verify --answer`.")
    private @Nullable Path answer;

    /** True when a receipt is wanted. */
    boolean wanted() throws ClientException {
        if (receipt == null && (question != null || answer != null)) {
            throw ClientException.local(
                    "--question and --answer keep what a receipt is about",
                    "add --receipt FILE, or leave them out");
        }
        return receipt != null;
    }

    /** Writes what was asked for. */
    void keep(String model, List<Tensor> inputs, InferenceClient.Signed signed) throws IOException {
        if (receipt != null) {
            Files.write(receipt, signed.receipt().encode());
        }
        if (question != null) {
            ExchangeJson.keepQuestion(question, inputs);
        }
        if (answer != null) {
            ExchangeJson.keepAnswer(answer, model, signed.version(), signed.outputs());
        }
    }
}
