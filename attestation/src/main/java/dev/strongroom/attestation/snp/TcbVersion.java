package dev.strongroom.attestation.snp;

import java.util.OptionalInt;

/**
 * The security versions of one platform's firmware parts. Compare component by component: as a
 * 64-bit number they have no order.
 *
 * @param fmc first mutable code; Turin only
 * @param bootloader boot loader of the security processor
 * @param tee operating system of the security processor
 * @param snp SNP firmware
 * @param microcode lowest patch level of all cores
 */
public record TcbVersion(OptionalInt fmc, int bootloader, int tee, int snp, int microcode) {
    public TcbVersion {
        requireByte("fmc", fmc.orElse(0));
        requireByte("bootloader", bootloader);
        requireByte("tee", tee);
        requireByte("snp", snp);
        requireByte("microcode", microcode);
    }

    /** Reads TCB_VERSION, whose layout depends on the product line. */
    public static TcbVersion of(long raw, ProductLine line) {
        if (line == ProductLine.TURIN) {
            return new TcbVersion(
                    OptionalInt.of(octet(raw, 0)),
                    octet(raw, 1),
                    octet(raw, 2),
                    octet(raw, 3),
                    octet(raw, 7));
        }
        return new TcbVersion(
                OptionalInt.empty(), octet(raw, 0), octet(raw, 1), octet(raw, 6), octet(raw, 7));
    }

    /** Writes TCB_VERSION with its reserved bytes zero. */
    public long raw(ProductLine line) {
        if (line == ProductLine.TURIN) {
            return at(fmc.orElse(0), 0)
                    | at(bootloader, 1)
                    | at(tee, 2)
                    | at(snp, 3)
                    | at(microcode, 7);
        }
        return at(bootloader, 0) | at(tee, 1) | at(snp, 6) | at(microcode, 7);
    }

    private static int octet(long raw, int index) {
        return (int) (raw >>> (Byte.SIZE * index)) & 0xff;
    }

    private static long at(int octet, int index) {
        return (long) octet << (Byte.SIZE * index);
    }

    private static void requireByte(String component, int value) {
        if (value < 0 || value > 0xff) {
            throw new IllegalArgumentException(component + ": " + value + " (expected: 0..255)");
        }
    }
}
