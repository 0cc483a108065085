package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.BouncyCastleFirst;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same verdicts when another provider reads the certificates and checks the signatures. */
@ExtendWith(BouncyCastleFirst.class)
class RecordedReportsUnderBouncyCastleTest extends RecordedReportsTest {}
