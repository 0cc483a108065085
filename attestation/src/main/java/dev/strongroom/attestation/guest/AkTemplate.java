package dev.strongroom.attestation.guest;

import java.util.HexFormat;

/**
 * Public areas to make attestation keys from: fixedTPM, fixedParent, sensitiveDataOrigin,
 * userWithAuth, noDA, restricted, sign; no policy; names and signatures by SHA-256.
 */
enum AkTemplate {
    /** ECDSA on P-256. */
    ECC("0023 000b 00050472 0000 0010 0018000b 0003 0010 0000 0000"),
    /** RSASSA with 2048 bits, exponent 65537. */
    RSA("0001 000b 00050472 0000 0010 0014000b 0800 00000000 0000");

    private final String hex;

    AkTemplate(String hex) {
        this.hex = hex;
    }

    /** TPMT_PUBLIC. */
    byte[] bytes() {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
