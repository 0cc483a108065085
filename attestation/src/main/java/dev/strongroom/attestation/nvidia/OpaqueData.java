package dev.strongroom.attestation.nvidia;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What NVIDIA adds to an SPDM response: fields of type, size and value, each type once. The
 * signature covers them, so types that are not known here are kept: newer chips have more.
 *
 * @param claims every field, by its claim's name without the prefix
 * @param firmwareId the firmware that the leaf's key was derived for; older firmware does not say
 */
record OpaqueData(Map<String, String> claims, Optional<byte[]> firmwareId) {
    private static final int DRIVER_VERSION = 3;
    private static final int VBIOS_VERSION = 6;
    private static final int NVDEC0_STATUS = 11;
    private static final int CHIP_SKU = 15;
    private static final int PROJECT = 17;
    private static final int PROJECT_SKU = 18;
    private static final int FIRMWARE_ID = 20;
    private static final int PROTECTED_PCIE_STATUS = 21;
    private static final int FEATURE_FLAG = 36;
    private static final int VBIOS_VERSION_BYTES = 8;
    private static final int MAX_TEXT_BYTES = 64; // real versions have 10

    OpaqueData {
        claims = Map.copyOf(claims);
    }

    static OpaqueData parse(ByteBuffer in) throws NvidiaFormatException {
        var fields = new TreeMap<Integer, byte[]>();
        while (in.hasRemaining()) {
            int type = in.getShort() & 0xffff;
            int size = in.getShort() & 0xffff;
            if (size > in.remaining()) {
                throw new NvidiaFormatException(
                        "opaque data: expected no more bytes than are left");
            }
            byte[] value = new byte[size];
            in.get(value);
            if (fields.put(type, value) != null) {
                throw new NvidiaFormatException("opaque data: expected each type once");
            }
        }
        byte[] firmwareId =
                fields.remove(FIRMWARE_ID); // the leaf's, which must be equal, is a claim
        var claims = new TreeMap<String, String>();
        for (Map.Entry<Integer, byte[]> field : fields.entrySet()) {
            addClaim(claims, field.getKey(), field.getValue());
        }
        return new OpaqueData(claims, Optional.ofNullable(firmwareId));
    }

    String driverVersion() {
        return claims.getOrDefault("driver-version", "");
    }

    String vbiosVersion() {
        return claims.getOrDefault("vbios-version", "");
    }

    boolean isNvdec0Disabled() {
        return "disabled".equals(claims.get("nvdec0"));
    }

    /** A field that has not the form known keeps its number: a policy that names it denies then. */
    private static void addClaim(Map<String, String> claims, int type, byte[] value) {
        Optional<Claim> known =
                switch (type) {
                    case DRIVER_VERSION -> text("driver-version", value);
                    case VBIOS_VERSION -> vbiosVersion(value);
                    case NVDEC0_STATUS -> status("nvdec0", value);
                    case CHIP_SKU -> text("chip-sku", value);
                    case PROJECT -> text("project", value);
                    case PROJECT_SKU -> text("project-sku", value);
                    case PROTECTED_PCIE_STATUS -> status("protected-pcie", value);
                    case FEATURE_FLAG -> featureFlag(value);
                    default -> Optional.empty();
                };
        Claim claim =
                known.orElseGet(() -> new Claim("opaque." + type, HexFormat.of().formatHex(value)));
        claims.put(claim.name(), claim.value());
    }

    private record Claim(String name, String value) {}

    /** Printable characters, padded with zeros. */
    private static Optional<Claim> text(String name, byte[] value) {
        int length = value.length;
        while (length > 0 && value[length - 1] == 0) {
            length--;
        }
        String text = new String(value, 0, length, StandardCharsets.US_ASCII);
        return length <= MAX_TEXT_BYTES && text.matches("[\\x21-\\x7e]+")
                ? Optional.of(new Claim(name, text))
                : Optional.empty();
    }

    /** The lower four bytes from the highest, then the fifth. */
    private static Optional<Claim> vbiosVersion(byte[] value) {
        if (value.length != VBIOS_VERSION_BYTES) {
            return Optional.empty();
        }
        byte[] printed = {value[3], value[2], value[1], value[0], value[4]};
        return Optional.of(
                new Claim(
                        "vbios-version",
                        HexFormat.ofDelimiter(".").withUpperCase().formatHex(printed)));
    }

    private static Optional<Claim> status(String name, byte[] value) {
        return switch (value.length == 1 ? value[0] & 0xff : -1) {
            case 0xaa -> Optional.of(new Claim(name, "enabled"));
            case 0x55 -> Optional.of(new Claim(name, "disabled"));
            default -> Optional.empty();
        };
    }

    private static Optional<Claim> featureFlag(byte[] value) {
        return switch (value.length == 1 ? value[0] : -1) {
            case 0 -> Optional.of(new Claim("feature-flag", "spt"));
            case 1 -> Optional.of(new Claim("feature-flag", "mpt"));
            case 2 -> Optional.of(new Claim("feature-flag", "ppcie"));
            default -> Optional.empty();
        };
    }
}
