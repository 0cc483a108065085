package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.Locale;
import java.util.Optional;

/**
 * One change that more than one person must want.
 *
 * @param tenant whose it is; empty for the whole vault's
 * @param subject what is changed, for people: {@code acme/3} is version 3 of acme's key-encryption
 *     key, {@code acme/bert/release/4} the fourth revision of a policy
 * @param document SHA-256 of the bytes that say exactly what will be done
 */
public record Change(Kind kind, Optional<TenantName> tenant, String subject, Digest document) {
    private static final int MAX_SUBJECT_BYTES = 200;

    /** What kind of change. */
    public enum Kind {
        /** Destroys a retired key-encryption key; the document is a {@link KekDestruction}. */
        KEK_DESTROY(1),
        /** Puts a policy revision in force; the document is its payload. */
        POLICY_CHANGE(2),
        /** Another key of the vault's own that its ceremony key signs; an {@link OwnKeyChange}. */
        CEREMONY(3),
        /** Lets somebody in again who touched a decoy; the document is a {@link QuarantineLift}. */
        QUARANTINE_LIFT(4),
        /** Makes something a decoy; the document is a {@link DecoyPlanting}. */
        DECOY_PLANT(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        /** The name in tables and answers. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private static Kind ofNumber(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("change: unknown kind " + number);
        }
    }

    public Change {
        Strict.requireMatch(
                "change subject", subject, "[A-Za-z0-9._/-]{1," + MAX_SUBJECT_BYTES + "}");
    }

    /** Destroying a key-encryption key. */
    public static Change of(KekDestruction destruction) {
        return new Change(
                Kind.KEK_DESTROY,
                Optional.of(destruction.tenant()),
                destruction.tenant() + "/" + destruction.version(),
                Digest.sha256(destruction.encode()));
    }

    /** Putting a policy revision in force. */
    public static Change of(PolicyDocument document) {
        return new Change(
                Kind.POLICY_CHANGE,
                Optional.of(document.scope().tenant()),
                "%s/%s/%d"
                        .formatted(
                                document.scope(),
                                document.kind().name().toLowerCase(Locale.ROOT),
                                document.seq()),
                Digest.sha256(document.encode()));
    }

    /** Replacing or ending one of the vault's own keys. */
    public static Change of(OwnKeyChange change) {
        return new Change(
                Kind.CEREMONY,
                Optional.empty(),
                "%s/%s/%d".formatted(change.step().label(), change.key(), change.version()),
                Digest.sha256(change.encode()));
    }

    /** Ending a quarantine. */
    public static Change of(QuarantineLift lift) {
        return new Change(
                Kind.QUARANTINE_LIFT,
                Optional.empty(),
                lift.subject(),
                Digest.sha256(lift.encode()));
    }

    /** Making something a decoy. */
    public static Change of(DecoyPlanting planting) {
        return new Change(
                Kind.DECOY_PLANT,
                Optional.empty(),
                planting.name(),
                Digest.sha256(planting.encode()));
    }

    void write(Canonical out) {
        out.u8(kind.number)
                .text(tenant.map(TenantName::value).orElse(""))
                .text(subject)
                .bytes(document.bytes());
    }

    static Change read(CanonicalReader in) throws MalformedEncodingException {
        return new Change(
                Kind.ofNumber(in.u8("kind")),
                Optional.of(in.text("tenant", TenantName.MAX_BYTES))
                        .filter(name -> !name.isEmpty())
                        .map(TenantName::new),
                in.text("subject", MAX_SUBJECT_BYTES),
                Statements.readDigest(in, "document"));
    }

    /** {@code kek-destroy acme/3}. */
    @Override
    public String toString() {
        return kind.label() + " " + subject;
    }
}
