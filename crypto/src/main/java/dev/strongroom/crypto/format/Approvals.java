package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * A request with the approvals that were given for it, as they travel to whoever must be convinced.
 * Nothing in it is believed before {@link #verify}.
 *
 * @param request the requester's own statement
 * @param approvals at most {@value #MAX_APPROVALS}, in any order
 */
public record Approvals(ApprovalStatement request, List<ApprovalStatement> approvals) {
    private static final int MAX_APPROVALS =
            32; // two full sets: the old policy's and the new one's
    public static final int MAX_BYTES = (MAX_APPROVALS + 1) * (ApprovalStatement.MAX_BYTES + 8);
    private static final String DOMAIN = "strongroom/approvals";

    public Approvals {
        approvals = List.copyOf(approvals);
        Strict.requireAtMost("approvals", approvals.size(), MAX_APPROVALS);
    }

    /**
     * Checks every signature and that all of them are over the same request.
     *
     * @throws SealedFormatException when one is not: whoever collects approvals leaves out what
     *     does not verify, so a bundle with a bad one was tampered with
     */
    public VerifiedApprovals verify() throws SealedFormatException {
        ApprovalRequest asked = request.verify(ApprovalStatement.Word.REQUESTED);
        var approvers = new TreeSet<Digest>();
        for (ApprovalStatement approval : approvals) {
            approval.verify(ApprovalStatement.Word.APPROVED);
            if (!Arrays.equals(approval.statement().payload(), request.statement().payload())) {
                throw new SealedFormatException("approval: it is of another request");
            }
            approvers.add(approval.signer());
        }
        approvers.remove(asked.requester());
        return new VerifiedApprovals(asked, approvers);
    }

    public byte[] encode() {
        Canonical out = Canonical.of(DOMAIN, 1).bytes(request.encode()).u32(approvals.size());
        for (ApprovalStatement approval : approvals) {
            out.bytes(approval.encode());
        }
        return out.toByteArray();
    }

    public static Approvals decode(byte[] encoded) throws SealedFormatException {
        List<byte[]> statements =
                Strict.read(
                        encoded,
                        MAX_BYTES,
                        DOMAIN,
                        1,
                        in -> {
                            var parts = new ArrayList<byte[]>();
                            parts.add(in.bytes("request", ApprovalStatement.MAX_BYTES));
                            int count = in.count("approvals", MAX_APPROVALS);
                            for (int i = 0; i < count; i++) {
                                parts.add(in.bytes("approval", ApprovalStatement.MAX_BYTES));
                            }
                            return parts;
                        });
        var approvals = new ArrayList<ApprovalStatement>();
        for (byte[] statement : statements.subList(1, statements.size())) {
            approvals.add(ApprovalStatement.decode(statement));
        }
        return new Approvals(ApprovalStatement.decode(statements.getFirst()), approvals);
    }
}
