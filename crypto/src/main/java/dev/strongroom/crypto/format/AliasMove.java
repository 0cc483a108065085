package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.util.Optional;

/**
 * The owner's word that from now on an alias of a model means this version. It permits nothing:
 * whether a node gets that version's key is for the version's own policies to say.
 *
 * <p>No two moves of an alias have one number. One that was signed and did not come into force
 * leaves its number out.
 *
 * @param seq of this alias, from 1, greater than that of every move signed before
 * @param previous digest of the move that was in force; empty when none was
 * @param target empty when the alias means nothing any more
 */
public record AliasMove(
        ModelName model,
        AliasName alias,
        long seq,
        Optional<Digest> previous,
        Optional<VersionId> target) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.alias.v1";

    /** As many aliases a model can have; removed ones count. */
    public static final int MAX_OF_MODEL = 64;

    /** The largest envelope. */
    public static final int MAX_BYTES = 2 * 1024;

    private static final int MAX_PAYLOAD_BYTES = 1024;
    private static final String DOMAIN = "strongroom/alias";

    public AliasMove {
        Strict.requireRange("alias seq", seq, 1, Long.MAX_VALUE);
        if (previous.isPresent() && seq == 1) {
            throw new IllegalArgumentException("alias: move 1 has no previous digest");
        }
    }

    /**
     * The move that follows another, with the next number.
     *
     * @param before the one in force; empty for an alias that never was
     */
    public static AliasMove after(
            Optional<VerifiedAlias> before,
            ModelName model,
            AliasName alias,
            Optional<VersionId> target) {
        long seq = before.map(last -> last.move().seq() + 1).orElse(1L);
        return new AliasMove(model, alias, seq, before.map(VerifiedAlias::digest), target);
    }

    /** The same move under another number. */
    public AliasMove numbered(long number) {
        return new AliasMove(model, alias, number, previous, target);
    }

    /** Signs it as the owner. */
    public Dsse sign(StatementSigner owner) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), owner);
    }

    /**
     * Checks that the owner signed the move. Whether a later one is in force, it does not say.
     *
     * @param ownerId whom to believe
     * @param ownerSpki the key whose SHA-256 is the owner id
     */
    public static VerifiedAlias verify(Dsse envelope, Digest ownerId, byte[] ownerSpki)
            throws SealedFormatException {
        if (!P256.keyId(ownerSpki).equals(ownerId)) {
            throw new SealedFormatException("alias: expected a key of owner " + ownerId);
        }
        byte[] payload = envelope.verify(P256.publicKey(ownerSpki), PAYLOAD_TYPE);
        AliasMove move = Strict.read(payload, MAX_PAYLOAD_BYTES, DOMAIN, 1, AliasMove::read);
        return new VerifiedAlias(move, Digest.sha256(payload));
    }

    /** Why this does not follow {@code current}; empty when it does. */
    public Optional<String> objectionAfter(VerifiedAlias current) {
        AliasMove before = current.move();
        if (!model.equals(before.model) || !alias.equals(before.alias)) {
            return Optional.of("alias: another one than the one in force");
        }
        if (seq <= before.seq) {
            return Optional.of(
                    "alias: expected move " + (before.seq + 1) + " or later, got " + seq);
        }
        return previous.equals(Optional.of(current.digest()))
                ? Optional.empty()
                : Optional.of("alias: previous digest is not that of the move in force");
    }

    /** Of the payload, as in {@link VerifiedAlias#digest}. */
    public Digest digest() {
        return Digest.sha256(encode());
    }

    public byte[] encode() {
        return Statements.writeModel(Canonical.of(DOMAIN, 1), model)
                .text(alias.value())
                .u64(seq)
                .bytes(previous.map(Digest::bytes).orElse(new byte[0]))
                .bytes(target.map(VersionId::bytes).orElse(new byte[0]))
                .toByteArray();
    }

    private static AliasMove read(CanonicalReader in) throws MalformedEncodingException {
        return new AliasMove(
                Statements.readModel(in),
                new AliasName(in.text("alias", AliasName.MAX_BYTES)),
                in.u64("seq"),
                optional(in.bytes("previous", Digest.BYTES)).map(Digest::of),
                optional(in.bytes("target", VersionId.BYTES)).map(VersionId::of));
    }

    private static Optional<byte[]> optional(byte[] bytes) {
        return bytes.length == 0 ? Optional.empty() : Optional.of(bytes);
    }
}
