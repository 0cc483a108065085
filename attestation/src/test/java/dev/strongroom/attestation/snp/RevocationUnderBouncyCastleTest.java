package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.BouncyCastleFirst;
import org.junit.jupiter.api.extension.ExtendWith;

/** AMD's lists as another provider reads them. */
@ExtendWith(BouncyCastleFirst.class)
class RevocationUnderBouncyCastleTest extends RevocationTest {}
