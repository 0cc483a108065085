package dev.strongroom.crypto.custody.pkcs11;

import static java.math.BigInteger.ONE;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import org.junit.jupiter.api.Test;

/** What was copied from the standard is a whole RSA key, every number of it. */
class PublishedKeyTest {
    private static final int CERTAINTY = 64;

    private final RSAPrivateCrtKey key = (RSAPrivateCrtKey) PublishedKey.pair().getPrivate();
    private final BigInteger p = key.getPrimeP();
    private final BigInteger q = key.getPrimeQ();

    @Test
    void isTheProductOfTwoPrimes() {
        assertThat(key.getModulus()).isEqualTo(p.multiply(q));
        assertThat(key.getModulus().bitLength()).isEqualTo(2048);
        assertThat(p.isProbablePrime(CERTAINTY)).isTrue();
        assertThat(q.isProbablePrime(CERTAINTY)).isTrue();
    }

    @Test
    void itsExponentsUndoEachOther() {
        BigInteger e = key.getPublicExponent();
        BigInteger d = key.getPrivateExponent();
        assertThat(e.multiply(d).mod(p.subtract(ONE))).isEqualTo(ONE);
        assertThat(e.multiply(d).mod(q.subtract(ONE))).isEqualTo(ONE);
        assertThat(key.getPrimeExponentP()).isEqualTo(d.mod(p.subtract(ONE)));
        assertThat(key.getPrimeExponentQ()).isEqualTo(d.mod(q.subtract(ONE)));
        assertThat(key.getCrtCoefficient()).isEqualTo(q.modInverse(p));
    }

    @Test
    void itsPublicHalfIsItsOwn() {
        var open = (RSAPublicKey) PublishedKey.pair().getPublic();
        assertThat(open.getModulus()).isEqualTo(key.getModulus());
        assertThat(open.getPublicExponent()).isEqualTo(key.getPublicExponent());
    }
}
