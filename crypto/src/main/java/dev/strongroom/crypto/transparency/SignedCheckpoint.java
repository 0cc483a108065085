package dev.strongroom.crypto.transparency;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.SigningPeriod;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VaultIdentity;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A checkpoint with signature lines: the log's and those of any number of witnesses (C2SP
 * signed-note). Lines of unknown keys are kept and ignored. The checkpoint says nothing until
 * {@link #verify} returned it.
 *
 * @param checkpoint as claimed
 */
public record SignedCheckpoint(Checkpoint checkpoint, List<NoteSignature> signatures) {
    /** C2SP asks for room for at least 16. */
    public static final int MAX_SIGNATURES = 20;

    public static final int MAX_BYTES = 16 * 1024;
    static final String NAME = "[^\\p{Z}\\p{Cntrl}\\s+]{1,255}";

    public SignedCheckpoint {
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
            throw new IllegalArgumentException(
                    "note: "
                            + signatures.size()
                            + " signatures (expected: 1.."
                            + MAX_SIGNATURES
                            + ")");
        }
        signatures = List.copyOf(signatures);
    }

    /** Signs as the log: the key's name is the origin. */
    public static SignedCheckpoint sign(Checkpoint checkpoint, StatementSigner log)
            throws SignatureException {
        return new SignedCheckpoint(
                checkpoint, List.of(line(checkpoint, checkpoint.origin(), log)));
    }

    /**
     * The same checkpoint with one more line, unless it has that signer's already.
     *
     * @throws IllegalArgumentException when there is no room for another line
     */
    public SignedCheckpoint with(NoteSignature line) {
        var all = new ArrayList<>(signatures);
        all.removeIf(other ->
                other.name().equals(line.name()) && Arrays.equals(other.keyId(), line.keyId()));
        all.add(line);
        return new SignedCheckpoint(checkpoint, all);
    }

    /**
     * The checkpoint, once the log and every witness have signed it.
     *
     * @param log its name is the origin that is expected
     * @param witnesses all of whom must have signed; may be empty
     * @throws SealedFormatException when the origin is another, a signature is missing, or a line
     *     of a known key is false
     */
    public Checkpoint verify(NoteKey log, WitnessQuorum witnesses) throws SealedFormatException {
        if (!checkpoint.origin().equals(log.name())) {
            throw new SealedFormatException("checkpoint: expected origin " + log.name());
        }
        requireSignature(log);
        witnesses.require(this);
        return checkpoint;
    }

    /**
     * The key of a vault that must have signed this checkpoint: the present one, or an earlier one
     * that signed it before its end.
     */
    public NoteKey logKey(VaultIdentity vault) throws SealedFormatException {
        for (SigningPeriod period : vault.signingPeriods()) {
            NoteKey key = NoteKey.of(vault.logOrigin(), period.spki());
            if (checkpoint.size() <= period.end() && hasLineOf(key)) {
                return key;
            }
        }
        return NoteKey.of(vault.logOrigin(), vault.signingSpki());
    }

    private boolean hasLineOf(NoteKey key) {
        byte[] keyId = key.keyId();
        return signatures.stream()
                .anyMatch(line ->
                        line.name().equals(key.name()) && Arrays.equals(line.keyId(), keyId));
    }

    /** The note as it is exchanged. */
    public String note() {
        var out = new StringBuilder(checkpoint.text()).append('\n');
        signatures.forEach(line -> out.append(line.text()));
        return out.toString();
    }

    /** Reads a note; nothing in it is authentic yet. */
    public static SignedCheckpoint parse(String note) throws SealedFormatException {
        if (note.length() > MAX_BYTES) {
            throw new SealedFormatException("note: at most " + MAX_BYTES + " characters");
        }
        int blank = note.lastIndexOf("\n\n");
        if (blank < 0 || !note.endsWith("\n") || blank + 2 == note.length()) {
            throw new SealedFormatException("note: expected text, blank line, signature lines");
        }
        String[] lines = note.substring(blank + 2, note.length() - 1).split("\n", -1);
        if (lines.length > MAX_SIGNATURES) {
            throw new SealedFormatException("note: at most " + MAX_SIGNATURES + " signatures");
        }
        Checkpoint checkpoint = Checkpoint.parse(note.substring(0, blank + 1));
        var signatures = new ArrayList<NoteSignature>();
        for (String line : lines) {
            signatures.add(NoteSignature.parse(line));
        }
        return new SignedCheckpoint(checkpoint, signatures);
    }

    private void requireSignature(NoteKey key) throws SealedFormatException {
        byte[] text = checkpoint.text().getBytes(StandardCharsets.UTF_8);
        byte[] keyId = key.keyId();
        boolean signed = false;
        for (NoteSignature line : signatures) {
            if (line.name().equals(key.name()) && Arrays.equals(line.keyId(), keyId)) {
                if (!P256.verifies(key.key(), text, line.signature())) {
                    throw new SealedFormatException(
                            "checkpoint: signature of " + key.name() + " is not valid");
                }
                signed = true;
            }
        }
        if (!signed) {
            throw new SealedFormatException("checkpoint: expected a signature of " + key.name());
        }
    }

    private static NoteSignature line(Checkpoint checkpoint, String name, StatementSigner signer)
            throws SignatureException {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("note key name: no space, no plus");
        }
        return new NoteSignature(
                name,
                NoteKey.keyId(signer.keyId()),
                signer.sign(checkpoint.text().getBytes(StandardCharsets.UTF_8)));
    }
}
