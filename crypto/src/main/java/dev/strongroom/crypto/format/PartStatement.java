package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;

/**
 * The second part of a split version's content key on its way from the owner to the agent that
 * keeps it: encrypted to that agent's part key and signed by the owner. It may travel and rest
 * anywhere.
 *
 * @param agent SHA-256 of the agent's TLS key
 * @param ownerId whose version it is
 * @param versionId which version
 * @param contentDigest SHA-256 of the content statement's payload: the part goes to nodes that ask
 *     for this very content
 * @param sealedPart RSA-OAEP SHA-256 (MGF1 SHA-256, empty label) of the part to the agent's part
 *     key, RSA-3072
 */
public record PartStatement(
        Digest agent,
        Digest ownerId,
        ModelName model,
        VersionId versionId,
        Digest contentDigest,
        byte[] sealedPart) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.part.v1";

    /** Of the part key. */
    public static final int KEY_BITS = 3072;

    /** The largest envelope: names, three digests, the ciphertext and one signature. */
    public static final int MAX_BYTES = 2 * 1024;

    private static final int SEALED_BYTES = KEY_BITS / 8;
    private static final String DOMAIN = "strongroom/part";

    public PartStatement {
        Strict.requireLength("sealed part", sealedPart, SEALED_BYTES);
    }

    /** Signs it as the owner. */
    public Dsse sign(StatementSigner owner) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), owner);
    }

    public byte[] encode() {
        return Statements.writeModel(
                        Canonical.of(DOMAIN, 1).bytes(agent.bytes()).bytes(ownerId.bytes()), model)
                .bytes(versionId.bytes())
                .bytes(contentDigest.bytes())
                .bytes(sealedPart)
                .toByteArray();
    }

    /**
     * Reads a statement that the owner signed.
     *
     * @param ownerSpki the key whose SHA-256 is the owner id
     * @throws SealedFormatException when it is another's, or not of this form
     */
    public static PartStatement verify(Dsse signed, Digest ownerId, byte[] ownerSpki)
            throws SealedFormatException {
        if (!P256.keyId(ownerSpki).equals(ownerId)) {
            throw new SealedFormatException("part: expected a key of owner " + ownerId);
        }
        PartStatement part = decode(signed.verify(P256.publicKey(ownerSpki), PAYLOAD_TYPE));
        if (!part.ownerId().equals(ownerId)) {
            throw new SealedFormatException("part: expected owner " + ownerId);
        }
        return part;
    }

    static PartStatement decode(byte[] payload) throws SealedFormatException {
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, PartStatement::read);
    }

    private static PartStatement read(CanonicalReader in) throws MalformedEncodingException {
        return new PartStatement(
                Statements.readDigest(in, "agent"),
                Statements.readDigest(in, "owner id"),
                Statements.readModel(in),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                Statements.readDigest(in, "content digest"),
                in.fixed("sealed part", SEALED_BYTES));
    }
}
