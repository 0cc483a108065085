package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;

/**
 * One condition of a posture level, and what was found.
 *
 * @param level the lowest level that wants it
 * @param name stable, for example {@code read-only-root}
 * @param expected what the level wants
 * @param found what is; the condition is met when it says the same as {@code expected}
 * @param remedy what to do where it is not met
 */
public record Condition(Posture level, String name, String expected, String found, String remedy) {
    public boolean met() {
        return found.equals(expected);
    }

    /** The condition as a fault, in one line. */
    String fault() {
        return name + ": found " + found + ", expected " + expected + "; " + remedy;
    }
}
