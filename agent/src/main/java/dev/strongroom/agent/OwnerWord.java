package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.SealedFormatException;

/**
 * Reads what the owner signed for one agent; anything else throws.
 *
 * @param agent SHA-256 of the agent's TLS key
 * @param owner owner id
 */
record OwnerWord(Digest agent, Digest owner) {
    PartStatement part(byte[] envelope, byte[] ownerSpki) throws SealedFormatException {
        PartStatement part = PartStatement.verify(decoded(envelope), owner, ownerSpki);
        requireMine(part.agent());
        return part;
    }

    PartRevocation revocation(byte[] envelope, byte[] ownerSpki) throws SealedFormatException {
        PartRevocation revocation = PartRevocation.verify(decoded(envelope), owner, ownerSpki);
        requireMine(revocation.agent());
        return revocation;
    }

    private static Dsse decoded(byte[] envelope) throws SealedFormatException {
        if (envelope.length > PartStatement.MAX_BYTES) {
            throw new SealedFormatException(
                    "statement: at most " + PartStatement.MAX_BYTES + " bytes");
        }
        return Dsse.decode(envelope);
    }

    private void requireMine(Digest named) throws SealedFormatException {
        if (!named.equals(agent)) {
            throw new SealedFormatException("statement: made for another agent");
        }
    }
}
