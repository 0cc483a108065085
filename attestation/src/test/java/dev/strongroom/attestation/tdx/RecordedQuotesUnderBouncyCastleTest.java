package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.BouncyCastleFirst;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same verdicts when another provider does the arithmetic and reads the certificates. */
@ExtendWith(BouncyCastleFirst.class)
class RecordedQuotesUnderBouncyCastleTest extends RecordedQuotesTest {}
