package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import io.grpc.Status;
import java.util.concurrent.CompletionStage;

/** Signs for answers. Implementations are thread-safe and do not block. */
public interface ReceiptDesk {
    /** Signs for nothing. */
    ReceiptDesk CLOSED =
            (_, _, _) -> {
                throw unavailable();
            };

    /** That this server signs for nothing. */
    static RefusedException unavailable() {
        return new RefusedException(
                Status.Code.UNIMPLEMENTED,
                "RECEIPTS_UNAVAILABLE",
                "this server gives no receipts; ask without the parameter 'receipt'");
    }

    /**
     * Signs for one answer.
     *
     * @param request digest of what was asked
     * @param response digest of what is answered
     * @param policy digest of the output policy by which the answer was shaped
     * @return the encoded receipt, soon
     * @throws RefusedException when too many wait for theirs
     */
    CompletionStage<byte[]> issue(Digest request, Digest response, Digest policy)
            throws RefusedException;
}
