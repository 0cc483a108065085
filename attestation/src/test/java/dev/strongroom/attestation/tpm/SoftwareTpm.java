package dev.strongroom.attestation.tpm;

import dev.strongroom.attestation.tpm.SignatureScheme.Algorithm;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A software key that signs whatever it is told, as a TPM would sign it. */
record SoftwareTpm(KeyPair pair, SignatureScheme scheme, int attributes) {
    static final int ATTESTATION_KEY = 0x00050072;
    static final byte[] NONCE = new byte[64];

    static SoftwareTpm rsa(Algorithm algorithm, HashAlgorithm hash) {
        return new SoftwareTpm(rsaKey(2048), new SignatureScheme(algorithm, hash), ATTESTATION_KEY);
    }

    static SoftwareTpm ecc(String curve, HashAlgorithm hash) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return new SoftwareTpm(
                    generator.generateKeyPair(),
                    new SignatureScheme(Algorithm.ECDSA, hash),
                    ATTESTATION_KEY);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair rsaKey(int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A register and its value in one bank. */
    record Register(HashAlgorithm bank, int pcr, byte[] value) {}

    SoftwareTpm withAttributes(int other) {
        return new SoftwareTpm(pair, scheme, other);
    }

    SoftwareTpm withPair(KeyPair other) {
        return new SoftwareTpm(other, scheme, attributes);
    }

    SoftwareTpm withScheme(SignatureScheme other) {
        return new SoftwareTpm(pair, other, attributes);
    }

    /** Genuine evidence over these registers for {@link #NONCE}. */
    TpmEvidence evidence(Register... registers) {
        byte[] quote = quote(TpmQuote.qualifyingData(NONCE), registers);
        return new TpmEvidence(quote, sign(quote), area(), values(registers), new byte[0]);
    }

    byte[] quote(byte[] extraData, Register... registers) {
        return header(extraData)
                .bytes(selection(registers))
                .sized(scheme.hash().digest(values(registers)))
                .toByteArray();
    }

    Structure header(byte[] extraData) {
        byte[] name = TpmPublicBytes.name(area());
        return Structure.bigEndian()
                .u32(0xff544347)
                .u16(0x8018)
                .sized(name)
                .sized(extraData)
                .u64(123_456)
                .u32(3)
                .u32(1)
                .u8(1)
                .u64(0x20191023_00163636L);
    }

    byte[] area() {
        return TpmPublicBytes.of(pair.getPublic(), attributes, Optional.of(scheme));
    }

    static byte[] values(Register... registers) {
        var out = new ByteArrayOutputStream();
        Arrays.stream(registers).forEach(register -> out.writeBytes(register.value()));
        return out.toByteArray();
    }

    static byte[] selection(Register... registers) {
        var banks = new ArrayList<HashAlgorithm>();
        for (Register register : registers) {
            if (!banks.contains(register.bank())) {
                banks.add(register.bank());
            }
        }
        var out = Structure.bigEndian().u32(banks.size());
        for (HashAlgorithm bank : banks) {
            byte[] bitmap = new byte[3];
            for (Register register : registers) {
                if (register.bank() == bank) {
                    bitmap[register.pcr() / 8] |= (byte) (1 << register.pcr() % 8);
                }
            }
            out.u16(bank.id()).u8(bitmap.length).bytes(bitmap);
        }
        return out.toByteArray();
    }

    /** TPMT_SIGNATURE. */
    byte[] sign(byte[] message) {
        var out = Structure.bigEndian().u16(scheme.algorithm().id()).u16(scheme.hash().id());
        byte[] plain = signPlain(message);
        if (scheme.algorithm() != Algorithm.ECDSA) {
            return out.sized(plain).toByteArray();
        }
        var ec = (TpmSignature.Ec) EcdsaDer.read(plain).orElseThrow();
        return out.sized(unsigned(ec.r())).sized(unsigned(ec.s())).toByteArray();
    }

    /** As tools write it. */
    byte[] signPlain(byte[] message) {
        return signPlain(message, scheme.hash().bytes());
    }

    byte[] signPlain(byte[] message, int saltBytes) {
        String hash = scheme.hash().jcaName();
        try {
            var signer =
                    switch (scheme.algorithm()) {
                        case RSASSA -> Signature.getInstance(hash.replace("-", "") + "withRSA");
                        case ECDSA -> Signature.getInstance(hash.replace("-", "") + "withECDSA");
                        case RSAPSS -> Signature.getInstance("RSASSA-PSS");
                    };
            if (scheme.algorithm() == Algorithm.RSAPSS) {
                signer.setParameter(
                        new PSSParameterSpec(
                                hash, "MGF1", new MGF1ParameterSpec(hash), saltBytes, 1));
            }
            signer.initSign(pair.getPrivate());
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] unsigned(BigInteger value) {
        byte[] bytes = value.toByteArray();
        return bytes[0] == 0 && bytes.length > 1
                ? Arrays.copyOfRange(bytes, 1, bytes.length)
                : bytes;
    }

    static List<Register> sha256(int... pcrs) {
        return Arrays.stream(pcrs)
                .mapToObj(pcr -> {
                    byte[] value = new byte[32];
                    Arrays.fill(value, (byte) pcr);
                    return new Register(HashAlgorithm.SHA256, pcr, value);
                })
                .toList();
    }

    /** Public areas of keys that were made outside a TPM. */
    static final class TpmPublicBytes {
        private TpmPublicBytes() {}

        static byte[] of(
                java.security.PublicKey key, int attributes, Optional<SignatureScheme> scheme) {
            var out =
                    Structure.bigEndian()
                            .u16(key instanceof RSAPublicKey ? 0x0001 : 0x0023)
                            .u16(HashAlgorithm.SHA256.id())
                            .u32(attributes)
                            .sized(new byte[0])
                            .u16(0x0010);
            scheme.ifPresentOrElse(
                    it -> out.u16(it.algorithm().id()).u16(it.hash().id()), () -> out.u16(0x0010));
            if (key instanceof RSAPublicKey rsa) {
                byte[] modulus = unsigned(rsa.getModulus());
                return out.u16(rsa.getModulus().bitLength()).u32(0).sized(modulus).toByteArray();
            }
            var ec = (ECPublicKey) key;
            TpmCurve curve = TpmCurve.of(ec).orElseThrow();
            return out.u16(curve.id())
                    .u16(0x0010)
                    .sized(unsigned(ec.getW().getAffineX()))
                    .sized(unsigned(ec.getW().getAffineY()))
                    .toByteArray();
        }

        static byte[] name(byte[] area) {
            return Structure.bigEndian()
                    .u16(HashAlgorithm.SHA256.id())
                    .bytes(HashAlgorithm.SHA256.digest(area))
                    .toByteArray();
        }
    }
}
