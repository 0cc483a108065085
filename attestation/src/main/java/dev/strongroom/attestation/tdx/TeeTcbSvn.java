package dev.strongroom.attestation.tdx;

import java.util.HexFormat;

/**
 * TEE_TCB_SVN: the security versions of sixteen parts, compared one by one. Immutable by
 * convention: nobody changes the array.
 */
public record TeeTcbSvn(byte[] components) {
    static final int COMPONENTS = 16;

    /** Security version within the module's version. */
    public int moduleSvn() {
        return component(0);
    }

    /**
     * Version of the TDX module. Above zero, components 0 and 1 are judged by the module's own
     * identity and not by the platform's levels.
     */
    public int moduleVersion() {
        return component(1);
    }

    /** The microcode that was loaded when the module was. */
    public int microcodeSvn() {
        return component(2);
    }

    int component(int index) {
        return components[index] & 0xff;
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(components);
    }
}
