package dev.strongroom.crypto.puzzle;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.MalformedEncodingException;

/** A solved puzzle, as a caller sends it: the puzzle's text, a dot and the number. */
public record Solution(Puzzle puzzle, long number) {
    /** The parameter of a request that has it. */
    public static final String PARAMETER = "puzzle";

    private static final int MOST_CHARACTERS = 256;
    private static final int MOST_DIGITS = 18;

    /** Reads one. */
    public static Solution parse(String text) throws MalformedEncodingException {
        int dot = text.lastIndexOf('.');
        String number = text.substring(dot + 1);
        if (text.length() > MOST_CHARACTERS
                || dot < 0
                || !number.matches("[0-9]{1," + MOST_DIGITS + "}")) {
            throw new MalformedEncodingException("puzzle: expected PUZZLE.NUMBER");
        }
        return new Solution(Puzzle.parse(text.substring(0, dot)), Long.parseLong(number));
    }

    /** Whether it solves the puzzle for a question: one hash. */
    public boolean isRight(Digest question) {
        return puzzle.solves(number, question);
    }

    public String text() {
        return puzzle.text() + "." + number;
    }
}
