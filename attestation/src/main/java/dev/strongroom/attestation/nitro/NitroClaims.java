package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Tee;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names what an authentic document says, for policies and people: the table in this package's
 * documentation.
 */
final class NitroClaims {
    private static final Pattern MODULE_ID = Pattern.compile("(i-[0-9a-f]+)-enc[0-9a-f]+");

    private NitroClaims() {}

    static Map<String, String> of(NitroDocument document, Tee tee) {
        var claims = new TreeMap<String, String>();
        claims.put("tee", tee.label());
        claims.put("nitro.module-id", document.moduleId());
        Matcher id = MODULE_ID.matcher(document.moduleId());
        if (id.matches()) {
            claims.put("nitro.instance-id", id.group(1));
        }
        claims.put("nitro.digest", "SHA384");
        claims.put("nitro.timestamp", Long.toString(document.timestamp().toEpochMilli()));
        claims.put("nitro.debug", Boolean.toString(document.isDebug()));
        document.pcrs().forEach((index, pcr) -> claims.put("nitro.pcr" + index, hex(pcr)));
        document.publicKey().ifPresent(bytes -> claims.put("nitro.public-key", hex(bytes)));
        document.userData().ifPresent(bytes -> claims.put("nitro.user-data", hex(bytes)));
        document.nonce().ifPresent(bytes -> claims.put("nitro.nonce", hex(bytes)));
        return claims;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
