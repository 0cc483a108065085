package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Which client keys the log says were certified for whom, and which of them count no more. A
 * withdrawal ends every certificate issued to an identity before it; one issued afterwards, for
 * another key, is good.
 *
 * <p>Thread-safe.
 */
public final class IssuedKeys implements LogView {
    /** Field of a record that says which group the certificate is of. */
    public static final String GROUP = "group";

    private static final String CLIENT = "client"; // the purpose of a caller's certificate

    /**
     * An identity and how many keys were certified for it.
     *
     * @param uri as in its certificates
     * @param active keys that count
     * @param withdrawn keys that count no more
     * @param group of its newest certificate; empty for none
     */
    public record Identity(String uri, long active, long withdrawn, String group) {}

    private final Map<String, Set<Digest>> issued = new ConcurrentHashMap<>();
    private final Map<String, String> groups = new ConcurrentHashMap<>();
    private final Set<Digest> withdrawn = ConcurrentHashMap.newKeySet();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.CERTIFICATE_ISSUED)
                && LogView.field(record, "purpose").equals(CLIENT)) {
            String identity = LogView.field(record, "identity");
            keys(identity).add(new Digest(LogView.field(record, "key")));
            groups.put(identity, record.fields().getOrDefault(GROUP, ""));
        } else if (record.type().equals(AuditRecord.IDENTITY_WITHDRAWN)) {
            withdrawn.addAll(keys(LogView.field(record, "identity")));
        }
    }

    /** Keys certified for an identity, whether or not they count. */
    public Set<Digest> keysOf(String identity) {
        return Set.copyOf(issued.getOrDefault(identity, Set.of()));
    }

    /** The group that the newest certificate of an identity is of; empty for none. */
    public String group(String identity) {
        return groups.getOrDefault(identity, "");
    }

    private Set<Digest> keys(String uri) {
        return issued.computeIfAbsent(uri, _ -> ConcurrentHashMap.newKeySet());
    }

    /**
     * True when certificates for this key count no more.
     *
     * @param key SHA-256 of its SubjectPublicKeyInfo
     */
    public boolean isWithdrawn(Digest key) {
        return withdrawn.contains(key);
    }

    /** Keys of a tenant's people and nodes that count no more. */
    public Set<Digest> withdrawnOf(String tenant) {
        String prefix = "spiffe://strongroom/" + tenant + "/";
        return issued.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .flatMap(entry -> entry.getValue().stream())
                .filter(withdrawn::contains)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Keys certified for an identity that still count. */
    public long active(String uri) {
        return issued.getOrDefault(uri, Set.of()).stream()
                .filter(key -> !withdrawn.contains(key))
                .count();
    }

    /** Everybody a certificate was ever issued to, by name. */
    public List<Identity> identities() {
        return issued.entrySet().stream()
                .map(entry -> {
                    long active = active(entry.getKey());
                    return new Identity(
                            entry.getKey(),
                            active,
                            entry.getValue().size() - active,
                            group(entry.getKey()));
                })
                .sorted(Comparator.comparing(Identity::uri))
                .toList();
    }
}
