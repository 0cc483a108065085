package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VerifiedAlias;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which move of each alias the log says is in force. The catalogue's table of aliases is believed
 * only as far as it agrees: who can write an earlier move back cannot shorten a signed log.
 *
 * <p>Thread-safe. It agrees with the table inside a write transaction, since both change there.
 */
public final class AliasHistory implements LogView {
    /** What the field {@code from} or {@code to} of an alias that means no version says. */
    public static final String NONE = "none";

    /**
     * The last move of an alias.
     *
     * @param digest of the signed payload
     * @param number of the version that it means; 0 for none
     */
    public record Last(long seq, Digest digest, long number, Instant at) {
        /** True when this is the very move, whose signature somebody else has verified. */
        public boolean is(VerifiedAlias move) {
            return seq == move.move().seq() && digest.equals(move.digest());
        }
    }

    private final Map<String, Map<String, Last>> aliases = new ConcurrentHashMap<>();
    private final Map<String, Long> leaves = new ConcurrentHashMap<>();

    @Override
    public void add(AuditRecord record, long leaf) {
        if (record.type().equals(AuditRecord.ALIAS_MOVED)) {
            String model = LogView.field(record, "model");
            String to = LogView.field(record, "to");
            aliases.computeIfAbsent(model, _ -> new ConcurrentHashMap<>())
                    .put(
                            LogView.field(record, "alias"),
                            new Last(
                                    Long.parseLong(LogView.field(record, "seq")),
                                    new Digest(LogView.field(record, "digest")),
                                    to.equals(NONE) ? 0 : Long.parseLong(to),
                                    record.time()));
            leaves.put(model, leaf);
        }
    }

    /** The last move of an alias; empty when it never was. */
    public Optional<Last> last(ModelName model, AliasName alias) {
        return Optional.ofNullable(
                aliases.getOrDefault(model.toString(), Map.of()).get(alias.value()));
    }

    /** The last move of each alias that a model ever had, by the alias's name. */
    public Map<String, Last> of(ModelName model) {
        return Map.copyOf(aliases.getOrDefault(model.toString(), Map.of()));
    }

    /** The leaf of the last move of any alias of a model; empty when none was ever moved. */
    public OptionalLong lastLeaf(ModelName model) {
        Long leaf = leaves.get(model.toString());
        return leaf == null ? OptionalLong.empty() : OptionalLong.of(leaf);
    }
}
