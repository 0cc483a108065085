package dev.strongroom.client;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.SealedFormatException;

/** Turns what the formats refuse into what the user is told. */
final class Checks {
    /** Reads or verifies something that came from outside. */
    interface Check<T> {
        T run() throws SealedFormatException, MalformedEncodingException;
    }

    private Checks() {}

    /**
     * Runs a check whose failure means that something is not authentic.
     *
     * @param what names what is checked, for the message
     */
    static <T> T verified(String what, String nextStep, Check<T> check) throws ClientException {
        try {
            return check.run();
        } catch (SealedFormatException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    what + " is not believed: " + e.getMessage(),
                    nextStep,
                    e);
        } catch (MalformedEncodingException | IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    what + " is malformed: " + e.getMessage(),
                    nextStep,
                    e);
        }
    }

    /** Refuses unless the condition holds. */
    static void require(boolean condition, String what, String nextStep) throws ClientException {
        if (!condition) {
            throw ClientException.unverified(what, nextStep);
        }
    }
}
