package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.BouncyCastleFirst;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same verdicts when another provider does the arithmetic. */
@ExtendWith(BouncyCastleFirst.class)
class RecordedTpmQuotesUnderBouncyCastleTest extends RecordedTpmQuotesTest {}
