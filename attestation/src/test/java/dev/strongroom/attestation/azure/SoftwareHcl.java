package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.azure.HclReport.Isolation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;

/** Writes HCL reports around made-up processor reports, of which only the report data counts. */
public record SoftwareHcl(Isolation processor, int hashType, String json) {
    /** Size of the NV index. */
    public static final int NV_BYTES = 2048; // Azure: 2600, more than software TPMs have

    /** A report with this attestation key. */
    public static SoftwareHcl of(Isolation processor, RSAPublicKey key) {
        return new SoftwareHcl(processor, 1, json(key));
    }

    SoftwareHcl withHashType(int other) {
        return new SoftwareHcl(processor, other, json);
    }

    SoftwareHcl withJson(String other) {
        return new SoftwareHcl(processor, hashType, other);
    }

    static String json(RSAPublicKey key) {
        return "{\"keys\":["
                + jwk("HCLAkPub", "sign", key)
                + "],\"vm-configuration\":{\"console-enabled\":true,\"secure-boot\":false,"
                + "\"vmUniqueId\":\"7DF7B373\"},\"user-data\":\"AB00\"}";
    }

    static String jwk(String kid, String operation, RSAPublicKey key) {
        var base64 = Base64.getUrlEncoder().withoutPadding();
        return "{\"kid\":\"%s\",\"key_ops\":[\"%s\"],\"kty\":\"RSA\",\"e\":\"%s\",\"n\":\"%s\"}"
                .formatted(
                        kid,
                        operation,
                        base64.encodeToString(key.getPublicExponent().toByteArray()),
                        base64.encodeToString(key.getModulus().toByteArray()));
    }

    /** The whole report with the hash of its data where the processor would have put it. */
    public byte[] bytes() {
        return bytes(reportData());
    }

    byte[] bytes(byte[] reportData) {
        byte[] data = json.getBytes(StandardCharsets.US_ASCII);
        boolean snp = processor == Isolation.SEV_SNP;
        var out =
                ByteBuffer.allocate(Math.max(NV_BYTES, 0x4D4 + data.length))
                        .order(ByteOrder.LITTLE_ENDIAN);
        out.put("HCLA".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .putInt(0x4D4 + data.length)
                .putInt(2);
        out.position(0x20 + (snp ? 0x50 : 0x80)).put(reportData);
        out.position(0x4C0);
        out.putInt(20 + data.length)
                .putInt(1)
                .putInt(snp ? 2 : 4)
                .putInt(hashType)
                .putInt(data.length)
                .put(data);
        return out.array();
    }

    /** What the processor signed. */
    public byte[] reportData() {
        String name = new String[] {"SHA-256", "SHA-384", "SHA-512"}[hashType - 1];
        try {
            byte[] hash =
                    MessageDigest.getInstance(name)
                            .digest(json.getBytes(StandardCharsets.US_ASCII));
            return Arrays.copyOf(hash, 64);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
