package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TpmFormatTest {
    private static final SoftwareTpm ECC = SoftwareTpm.ecc("secp256r1", HashAlgorithm.SHA256);
    private static final SoftwareTpm RSA = SoftwareTpm.rsa(Algorithm.RSASSA, HashAlgorithm.SHA256);
    private static final byte[] QUOTE = ECC.quote(new byte[32], SoftwareTpm.sha256(0).getFirst());

    @Test
    void refusesEveryTruncationOfAQuoteAndATail() {
        for (int length = 0; length <= QUOTE.length + 1; length++) {
            if (length != QUOTE.length) {
                assertMalformedQuote(Arrays.copyOf(QUOTE, length));
            }
        }
    }

    @Test
    void refusesWhatTheTpmDidNotMake() {
        byte[] quote = QUOTE.clone();
        quote[0] = 0;
        assertMalformedQuote(quote);
    }

    @Test
    void refusesOtherAttestations() {
        byte[] certify = QUOTE.clone();
        certify[5] = 0x17; // TPM_ST_ATTEST_CERTIFY
        assertMalformedQuote(certify);
    }

    @Test
    void refusesAnUndefinedSafeByte() {
        byte[] quote = QUOTE.clone();
        quote[4 + 2 + 36 + 34 + 16] = 2;
        assertMalformedQuote(quote);
    }

    @Test
    void refusesUnknownBanksLongBitmapsAndManyBanks() {
        for (byte[] selection :
                List.of(
                        Structure.bigEndian()
                                .u32(1)
                                .u16(0x10)
                                .u8(3)
                                .bytes(new byte[3])
                                .toByteArray(),
                        Structure.bigEndian()
                                .u32(1)
                                .u16(0x0B)
                                .u8(5)
                                .bytes(new byte[5])
                                .toByteArray(),
                        Structure.bigEndian().u32(17).toByteArray(),
                        Structure.bigEndian().u32(-1).toByteArray())) {
            assertMalformedQuote(
                    ECC.header(new byte[0]).bytes(selection).sized(new byte[32]).toByteArray());
        }
    }

    @Test
    void readsAPublicAreaWithAndWithoutItsSize() throws TpmFormatException {
        for (SoftwareTpm tpm : List.of(ECC, RSA)) {
            byte[] sized = Structure.bigEndian().sized(tpm.area()).toByteArray();
            TpmPublic area = TpmPublic.parse(sized);
            assertThat(area.encoded()).isEqualTo(tpm.area());
            assertThat(area.key()).isEqualTo(tpm.pair().getPublic());
            assertThat(area.name()).isEqualTo(SoftwareTpm.TpmPublicBytes.name(tpm.area()));
            assertThat(TpmPublic.parse(tpm.area()).name()).isEqualTo(area.name());
        }
    }

    @Test
    void refusesEveryTruncationOfAPublicArea() {
        for (SoftwareTpm tpm : List.of(ECC, RSA)) {
            byte[] area = tpm.area();
            for (int length = 0; length <= area.length + 1; length++) {
                if (length != area.length) {
                    assertMalformedArea(Arrays.copyOf(area, length));
                }
            }
        }
    }

    @Test
    void refusesAPointThatIsNotOnTheCurve() {
        byte[] area = ECC.area();
        area[area.length - 1] ^= 1;
        assertMalformedArea(area);
    }

    @Test
    void refusesReservedAttributes() {
        for (int bit : new int[] {0, 3, 12, 15, 20, 31}) {
            assertMalformedArea(ECC.withAttributes(SoftwareTpm.ATTESTATION_KEY | 1 << bit).area());
        }
    }

    @Test
    void refusesUnsoundRsaKeys() {
        var modulus = ((RSAPublicKey) RSA.pair().getPublic()).getModulus();
        assertMalformedArea(rsa(2048, 3, modulus));
        assertMalformedArea(rsa(2048, 65538, modulus));
        assertMalformedArea(rsa(3072, 0, modulus));
        assertMalformedArea(rsa(2048, 0, modulus.subtract(BigInteger.ONE)));
    }

    @Test
    void readsSignaturesInBothForms() throws TpmFormatException {
        byte[] message = {1};
        for (SoftwareTpm tpm : List.of(ECC, RSA)) {
            assertThat(TpmSignature.parse(tpm.sign(message)).scheme()).contains(tpm.scheme());
            assertThat(TpmSignature.parse(tpm.signPlain(message)).scheme()).isEmpty();
        }
    }

    @Test
    void readsDerStrictly() {
        byte[] der = EcdsaDer.write(BigInteger.TWO.pow(520), BigInteger.valueOf(128));
        assertThat(EcdsaDer.read(der)).isPresent();
        byte[] longForm = Structure.bigEndian().u8(0x30).u8(0x81).u8(6).toByteArray();
        byte[] scalars = {2, 1, 1, 2, 1, 1};
        assertThat(EcdsaDer.read(join(new byte[] {0x30, 6}, scalars))).isPresent();
        assertThat(EcdsaDer.read(join(longForm, scalars))).isEmpty();
        assertThat(EcdsaDer.read(join(new byte[] {0x30, 7}, scalars))).isEmpty();
        assertThat(EcdsaDer.read(join(new byte[] {0x30, 7}, new byte[] {2, 2, 0, 1, 2, 1, 1})))
                .isEmpty();
    }

    @Test
    void refusesEmptyAndLongSignatures() {
        for (int length : new int[] {0, TpmSignature.MAX_BYTES + 1}) {
            assertThatThrownBy(() -> TpmSignature.parse(new byte[length]))
                    .isInstanceOf(TpmFormatException.class);
        }
    }

    private static byte[] rsa(int bits, int exponent, BigInteger modulus) {
        byte[] ours =
                SoftwareTpm.TpmPublicBytes.of(
                        RSA.pair().getPublic(), SoftwareTpm.ATTESTATION_KEY, Optional.empty());
        return Structure.bigEndian()
                .bytes(Arrays.copyOf(ours, ours.length - 256 - 2 - 4 - 2))
                .u16(bits)
                .u32(exponent)
                .sized(SoftwareTpm.unsigned(modulus))
                .toByteArray();
    }

    private static byte[] join(byte[] one, byte[] other) {
        return Structure.bigEndian().bytes(one).bytes(other).toByteArray();
    }

    private static void assertMalformedQuote(byte[] quote) {
        assertThatThrownBy(() -> TpmQuote.parse(quote)).isInstanceOf(TpmFormatException.class);
    }

    private static void assertMalformedArea(byte[] area) {
        assertThatThrownBy(() -> TpmPublic.parse(area)).isInstanceOf(TpmFormatException.class);
    }
}
