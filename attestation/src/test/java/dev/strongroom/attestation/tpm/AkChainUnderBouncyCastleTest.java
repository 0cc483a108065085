package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.BouncyCastleFirst;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same verdicts when another provider reads the certificates and builds the path. */
@ExtendWith(BouncyCastleFirst.class)
class AkChainUnderBouncyCastleTest extends AkChainTest {}
