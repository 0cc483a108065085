package dev.strongroom.attestation.tpm;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * Names what an authentic quote says, for policies and people: the table in this package's
 * documentation. A bank of SHA-1 gives no claims: another boot with the same values can be made.
 */
final class TpmClaims {
    private TpmClaims() {}

    static Map<String, String> of(TpmQuote quote, AttestationKey key) {
        var claims = new HashMap<String, String>();
        claims.put("tpm.clock", Long.toString(quote.clock().milliseconds() & Long.MAX_VALUE));
        claims.put("tpm.resets", Long.toString(quote.clock().resets()));
        claims.put("tpm.restarts", Long.toString(quote.clock().restarts()));
        claims.put("tpm.safe", Boolean.toString(quote.clock().safe()));
        claims.put("tpm.firmware", HexFormat.of().toHexDigits(quote.firmwareVersion()));
        claims.put("tpm.extra-data", hex(quote.extraData()));
        claims.put("tpm.qualified-signer", hex(quote.qualifiedSigner()));
        claims.put("tpm.pcr-digest", hex(quote.pcrDigest()));
        claims.put("tpm.ak.trust", key.reason());
        key.area().ifPresent(area -> claims.put("tpm.ak.name", hex(area.name())));
        key.root().ifPresent(root -> claims.put("tpm.ak.root", root.hex()));
        return claims;
    }

    static Map<String, String> of(PcrValues registers) {
        var claims = new HashMap<String, String>();
        registers
                .banks()
                .forEach((bank, values) -> {
                    if (bank.isCollisionResistant()) {
                        values.forEach((pcr, value) ->
                                claims.put("tpm.pcr." + bank.label() + "." + pcr, hex(value)));
                    }
                });
        return claims;
    }

    /** What a log that leads to a quoted register, or does not, adds. */
    static Map<String, String> ofLog(EventLog log, HashAlgorithm bank, int pcr, boolean explained) {
        var claims = new HashMap<String, String>();
        if (bank.isCollisionResistant()) {
            claims.put("tpm.log." + bank.label() + "." + pcr, Boolean.toString(explained));
            if (pcr == SecureBoot.PCR && explained) {
                SecureBoot.state(log, bank)
                        .ifPresent(on -> claims.put("tpm.secure-boot", Boolean.toString(on)));
            }
        }
        return claims;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
