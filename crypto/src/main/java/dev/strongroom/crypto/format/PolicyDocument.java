package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.attestation.policy.ReleasePolicy.Changeability;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * One revision of a release or output policy, signed by the owner.
 *
 * <p>No two revisions of a policy have one number. One that was signed and did not come into force
 * leaves its number out.
 *
 * @param scope the model it rules
 * @param id 128-bit lower-case hex, the same for all revisions
 * @param seq of this policy, from 1, greater than that of every revision signed before
 * @param previous digest of the revision that was in force; empty when none was
 * @param notAfter to the millisecond
 * @param body the rules; this class does not read them
 */
public record PolicyDocument(
        PolicyReference.Kind kind,
        ModelName scope,
        String id,
        long seq,
        Optional<Digest> previous,
        Instant notAfter,
        byte[] body) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.policy.v1";
    public static final int MAX_BODY_BYTES = 32 * 1024;
    private static final String DOMAIN = "strongroom/policy";
    private static final String ID_DOMAIN = "strongroom/policy-id";
    private static final int ID_DIGITS = 32;

    public PolicyDocument {
        notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
        Strict.requireMatch("policy id", id, "[0-9a-f]{32}");
        Strict.requireRange("policy seq", seq, 1, Long.MAX_VALUE);
        Strict.requireAtMost("policy body bytes", body.length, MAX_BODY_BYTES);
        if (previous.isPresent() && seq == 1) {
            throw new IllegalArgumentException("policy: revision 1 has no previous digest");
        }
    }

    /**
     * The first revision of an owner's policy. Whoever begins it in his name begins the same one:
     * its id comes of owner, kind and model.
     */
    public static PolicyDocument first(
            Digest owner,
            PolicyReference.Kind kind,
            ModelName scope,
            Instant notAfter,
            byte[] body) {
        byte[] name =
                Statements.writeModel(
                                Canonical.of(ID_DOMAIN, 1).bytes(owner.bytes()).u8(kind.number()),
                                scope)
                        .toByteArray();
        String id = Digest.sha256(name).hex().substring(0, ID_DIGITS);
        return new PolicyDocument(kind, scope, id, 1, Optional.empty(), notAfter, body);
    }

    /** The same rules as the next revision after another. */
    public PolicyDocument following(VerifiedPolicy current) {
        PolicyDocument before = current.document();
        return new PolicyDocument(
                kind,
                scope,
                before.id,
                before.seq + 1,
                Optional.of(current.reference().digest()),
                notAfter,
                body);
    }

    /** The same revision under another number. */
    public PolicyDocument numbered(long number) {
        return new PolicyDocument(kind, scope, id, number, previous, notAfter, body);
    }

    public Dsse sign(StatementSigner owner) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), owner);
    }

    /**
     * Checks that the owner signed the document.
     *
     * @param ownerId whom to believe
     * @param ownerSpki the key whose SHA-256 is the owner id
     */
    public static VerifiedPolicy verify(Dsse envelope, Digest ownerId, byte[] ownerSpki)
            throws SealedFormatException {
        if (!P256.keyId(ownerSpki).equals(ownerId)) {
            throw new SealedFormatException("policy: expected a key of owner " + ownerId);
        }
        byte[] payload = envelope.verify(P256.publicKey(ownerSpki), PAYLOAD_TYPE);
        return new VerifiedPolicy(decode(payload), Digest.sha256(payload));
    }

    /** Reads a payload that nobody vouches for; {@link #verify} reads a signed one. */
    public static PolicyDocument decode(byte[] payload) throws SealedFormatException {
        return Strict.read(payload, Dsse.MAX_PAYLOAD_BYTES, DOMAIN, 1, PolicyDocument::read);
    }

    /** Why this does not follow {@code current}; empty when it does. */
    public Optional<String> objectionAfter(VerifiedPolicy current) {
        PolicyDocument before = current.document();
        if (kind != before.kind || !scope.equals(before.scope) || !id.equals(before.id)) {
            return Optional.of("policy: another policy than the one in force");
        }
        if (seq <= before.seq) {
            return Optional.of(
                    "policy: expected revision " + (before.seq + 1) + " or later, got " + seq);
        }
        if (!previous.equals(Optional.of(current.reference().digest()))) {
            return Optional.of("policy: previous digest is not that of the revision in force");
        }
        return before.isImmutable()
                ? Optional.of(
                        "policy: revision " + before.seq + " is immutable, nothing follows it")
                : Optional.empty();
    }

    private boolean isImmutable() {
        try {
            return kind == PolicyReference.Kind.RELEASE
                    && ReleasePolicy.parse(body).changeability() == Changeability.IMMUTABLE;
        } catch (PolicyFormatException e) {
            return false; // who sets or follows a policy reads it, and refuses this one
        }
    }

    /** Of the payload, as in {@link VerifiedPolicy#reference}. */
    public Digest digest() {
        return Digest.sha256(encode());
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .u8(kind.number())
                .text(scope.tenant().value())
                .text(scope.name())
                .text(id)
                .u64(seq)
                .bytes(previous.map(Digest::bytes).orElse(new byte[0]))
                .u64(notAfter.toEpochMilli())
                .bytes(body)
                .toByteArray();
    }

    private static PolicyDocument read(CanonicalReader in) throws MalformedEncodingException {
        return new PolicyDocument(
                Statements.kind(in.u8("kind")),
                Statements.readModel(in),
                in.text("policy id", PolicyDemand.ID_BYTES),
                in.u64("seq"),
                readPrevious(in),
                Instant.ofEpochMilli(in.u64("not after")),
                in.bytes("body", MAX_BODY_BYTES));
    }

    private static Optional<Digest> readPrevious(CanonicalReader in)
            throws MalformedEncodingException {
        byte[] digest = in.bytes("previous", Digest.BYTES);
        return digest.length == 0 ? Optional.empty() : Optional.of(Digest.of(digest));
    }
}
