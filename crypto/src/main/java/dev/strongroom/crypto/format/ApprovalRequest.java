package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Asks approvers to agree to one change. All of them, and the requester, sign these very bytes, so
 * that nobody can say he agreed to another document.
 *
 * @param requester SHA-256 of the requester's SubjectPublicKeyInfo; that key approves nothing here
 * @param id 128-bit lower-case hex, random: an approval is good for one request
 * @param createdAt by the requester's clock, to the millisecond
 * @param notAfter when nothing can be done with it any more, to the millisecond
 */
public record ApprovalRequest(
        Change change, Digest requester, String id, Instant createdAt, Instant notAfter) {
    public static final int ID_BYTES = 32; // of hex

    /** The largest encoding; what is in it takes at most some 600 bytes. */
    static final int MAX_BYTES = 1024;

    private static final String DOMAIN = "strongroom/approval-request";

    public ApprovalRequest {
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
        Strict.requireMatch("approval request id", id, "[0-9a-f]{" + ID_BYTES + "}");
        if (!createdAt.isBefore(notAfter)) {
            throw new IllegalArgumentException("approval request: it ends before it begins");
        }
    }

    public byte[] encode() {
        Canonical out = Canonical.of(DOMAIN, 1);
        change.write(out);
        return out.bytes(requester.bytes())
                .text(id)
                .u64(createdAt.toEpochMilli())
                .u64(notAfter.toEpochMilli())
                .toByteArray();
    }

    /** Reads a request; nothing in it is authentic yet. */
    static ApprovalRequest decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(encoded, MAX_BYTES, DOMAIN, 1, ApprovalRequest::read);
    }

    private static ApprovalRequest read(CanonicalReader in) throws MalformedEncodingException {
        return new ApprovalRequest(
                Change.read(in),
                Statements.readDigest(in, "requester"),
                in.text("id", ID_BYTES),
                Instant.ofEpochMilli(in.u64("created at")),
                Instant.ofEpochMilli(in.u64("not after")));
    }
}
