package dev.strongroom.attestation.tdx;

/**
 * Bytes that are not what a parser of this package reads: a quote of a supported kind, TCB info, a
 * QE identity, a PCK certificate's extension, an event log. The message says which field and what
 * was expected, never what the bytes were.
 */
public final class TdxFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    TdxFormatException(String message) {
        super(message);
    }
}
