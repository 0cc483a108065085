package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.tpm.HashAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** An event log as firmware of a trust domain writes it: SHA-384 only. */
final class CcLogBytes {
    private static final int NO_ACTION = 3;
    private static final int EFI_ACTION = 0x80000007;

    private byte[] bytes =
            SoftwarePlatform.concat(
                    SoftwarePlatform.u32(0),
                    SoftwarePlatform.u32(NO_ACTION),
                    new byte[20],
                    SoftwarePlatform.u32(33),
                    "Spec ID Event03\0".getBytes(StandardCharsets.US_ASCII),
                    SoftwarePlatform.u32(0),
                    new byte[] {0, 2, 0, 2},
                    SoftwarePlatform.u32(1),
                    SoftwarePlatform.u16(HashAlgorithm.SHA384.id()),
                    SoftwarePlatform.u16(48),
                    new byte[] {0});

    CcLogBytes event(int register, String data) {
        bytes =
                SoftwarePlatform.concat(
                        bytes,
                        SoftwarePlatform.u32(register),
                        SoftwarePlatform.u32(EFI_ACTION),
                        SoftwarePlatform.u32(1),
                        SoftwarePlatform.u16(HashAlgorithm.SHA384.id()),
                        sha384(data.getBytes(StandardCharsets.US_ASCII)),
                        SoftwarePlatform.u32(data.length()),
                        data.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    byte[] encoded() {
        return bytes.clone();
    }

    /** The log in an area that is larger. */
    byte[] filled(int fill) {
        byte[] area = Arrays.copyOf(bytes, bytes.length + 1000);
        Arrays.fill(area, bytes.length, area.length, (byte) fill);
        return area;
    }

    static byte[] extended(byte[] register, String data) {
        return sha384(register, sha384(data.getBytes(StandardCharsets.US_ASCII)));
    }

    private static byte[] sha384(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-384");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-384", e);
        }
    }
}
