package dev.strongroom.ops;

import dev.strongroom.attestation.snp.TcbVersion;
import dev.strongroom.client.ClientException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads {@code bl=10,tee=0,snp=25,ucode=84} with {@code fmc} on Turin. */
final class LeastTcb {
    private static final Set<String> PARTS = Set.of("bl", "tee", "snp", "ucode");
    private static final String FMC = "fmc";

    private LeastTcb() {}

    static TcbVersion parse(String text) throws ClientException {
        var parts = new TreeMap<String, Integer>();
        for (String part : text.split(",", -1)) {
            if (!part.matches("[a-z]{2,5}=[0-9]{1,3}")) {
                throw malformed();
            }
            int equals = part.indexOf('=');
            parts.put(part.substring(0, equals), Integer.valueOf(part.substring(equals + 1)));
        }
        var names = new TreeSet<>(parts.keySet());
        names.remove(FMC);
        if (!names.equals(PARTS)) {
            throw malformed();
        }
        return of(parts);
    }

    private static TcbVersion of(Map<String, Integer> parts) throws ClientException {
        Integer fmc = parts.get(FMC);
        try {
            return new TcbVersion(
                    fmc == null ? OptionalInt.empty() : OptionalInt.of(fmc),
                    parts.getOrDefault("bl", 0),
                    parts.getOrDefault("tee", 0),
                    parts.getOrDefault("snp", 0),
                    parts.getOrDefault("ucode", 0));
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
    }

    private static ClientException malformed() {
        return ClientException.local(
                "--min-tcb: expected bl=N,tee=N,snp=N,ucode=N (and fmc=N on Turin), each 0 to 255",
                "AMD's advisories name the versions; evidence inspect shows those of a machine");
    }
}
