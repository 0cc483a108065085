package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.p384.SoftwareAuthority;
import dev.strongroom.attestation.p384.SoftwareAuthority.Profile;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A GPU in software: signs reports of the real form under a root of its own. */
final class SoftwareGpu {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final byte[] FIRMWARE_ID = filled(48, 0x77);
    static final String DICE = "2.23.133.5.4.1";

    private final SoftwareAuthority root;
    private final SoftwareAuthority device;
    private final SoftwareAuthority leaf;

    private SoftwareGpu(Profile rootProfile, Profile deviceProfile, Profile leafProfile) {
        this.root = SoftwareAuthority.root("Software Device Identity CA", rootProfile);
        this.device = root.issue("GH000 A01 GSP BROM", deviceProfile);
        this.leaf = device.issue("GH000 A01 GSP FMC", leafProfile);
    }

    static SoftwareGpu create() {
        return of(
                Profile.authority(NOW, Profile.UNBOUNDED),
                Profile.authority(NOW, Profile.UNBOUNDED),
                leafProfile());
    }

    static SoftwareGpu of(Profile root, Profile device, Profile leaf) {
        return new SoftwareGpu(root, device, leaf);
    }

    static Profile leafProfile() {
        return Profile.leaf(NOW).with(DICE, false, identity(FIRMWARE_ID));
    }

    /** The end of a CompositeDeviceID, which is all that counts. */
    static byte[] identity(byte[] firmwareId) {
        byte[] head = HexFormat.of().parseHex("304230400201013d303d06096086480165030402020430");
        return concat(head, firmwareId);
    }

    Digest rootFingerprint() {
        return root.fingerprint();
    }

    SoftwareAuthority leaf() {
        return leaf;
    }

    List<byte[]> certificates() {
        return List.of(leaf.certificate(), device.certificate(), root.certificate());
    }

    byte[] sign(Message message) {
        byte[] signed = message.bytes();
        return concat(signed, leaf.sign(signed));
    }

    /** Request and response; the tests change one part at a time before it is signed. */
    static final class Message {
        byte[] requestStart = {0x11, (byte) 0xe0, 0x01, (byte) 0xff};
        final byte[] nonce = filled(32, 0x42);
        byte[] responseStart = {0x11, 0x60, 0, 0};
        int blocks = 3;
        final ByteArrayOutputStream record = new ByteArrayOutputStream();
        int recordBytes = -1;
        final SortedMap<Integer, byte[]> fields = new TreeMap<>();
        byte[] behindFields = {};
        int opaqueBytes = -1;

        Message() {
            for (int index = 1; index <= 3; index++) {
                block(index, 1, filled(48, index));
            }
            fields.put(3, "550.00\0".getBytes(StandardCharsets.US_ASCII));
            fields.put(6, HexFormat.of().parseHex("005e009601000000"));
            fields.put(11, new byte[] {0x55});
            fields.put(20, FIRMWARE_ID);
        }

        Message block(int index, int specification, byte[] value) {
            record.writeBytes(
                    littleEndian(7 + value.length)
                            .put((byte) index)
                            .put((byte) specification)
                            .putShort((short) (value.length + 3))
                            .put((byte) 1)
                            .putShort((short) value.length)
                            .put(value)
                            .array());
            return this;
        }

        Message field(int type, byte[] value) {
            fields.put(type, value);
            return this;
        }

        byte[] bytes() {
            byte[] opaque = concat(opaqueFields(), behindFields);
            int length = recordBytes < 0 ? record.size() : recordBytes;
            var head =
                    littleEndian(4)
                            .put((byte) blocks)
                            .put((byte) length)
                            .putShort((short) (length >>> Byte.SIZE))
                            .array();
            int opaqueLength = opaqueBytes < 0 ? opaque.length : opaqueBytes;
            return concat(
                    requestStart,
                    nonce,
                    new byte[1],
                    responseStart,
                    head,
                    record.toByteArray(),
                    filled(32, 0x24),
                    littleEndian(2).putShort((short) opaqueLength).array(),
                    opaque);
        }

        private byte[] opaqueFields() {
            var out = new ByteArrayOutputStream();
            fields.forEach((type, value) -> out.writeBytes(opaqueField(type, value)));
            return out.toByteArray();
        }
    }

    static byte[] opaqueField(int type, byte[] value) {
        return littleEndian(4 + value.length)
                .putShort((short) type)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    static byte[] concat(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static ByteBuffer littleEndian(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
