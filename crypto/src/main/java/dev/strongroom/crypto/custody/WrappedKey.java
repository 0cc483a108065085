package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A data key that only a token or one enclave can unwrap. Ciphertext: anyone may hold it. */
public sealed interface WrappedKey {
    /**
     * A wrapped data key as the vault stores it, with what it belongs to. It exists only for a
     * record that the token wrote or has verified: holding one is the proof.
     *
     * <p>Immutable and thread-safe.
     */
    final class AtRest implements WrappedKey {
        /** How many keys are written with one MAC at most. */
        public static final int MOST_TOGETHER = ProvenBody.MOST_LEAVES;

        private final WrappedKeyRecord fields;
        private final byte[] encoded;

        private AtRest(WrappedKeyRecord fields, byte[] encoded) {
            this.fields = fields;
            this.encoded = encoded;
        }

        /** For custodians: a key that was just wrapped, not a record yet. */
        public record Wrapping(WrapBinding binding, KekInfo kek, WrapFormat format, byte[] bytes) {
            private WrappedKeyRecord fields() {
                return new WrappedKeyRecord(
                        binding, kek.keyId(), kek.version(), format, kek.level(), bytes.clone());
            }
        }

        /** For custodians: writes and authenticates the record of one key. */
        public static AtRest write(Wrapping wrapping, RecordMac mac) throws CustodyException {
            return writeAll(List.of(wrapping), mac).getFirst();
        }

        /** For custodians: the same for up to {@link #MOST_TOGETHER} keys, with one MAC. */
        public static List<AtRest> writeAll(List<Wrapping> wrappings, RecordMac mac)
                throws CustodyException {
            return proven(wrappings.stream().map(Wrapping::fields).toList(), mac);
        }

        private static List<AtRest> proven(List<WrappedKeyRecord> fields, RecordMac mac)
                throws CustodyException {
            List<byte[]> bodies = fields.stream().map(WrappedKeyRecord::encode).toList();
            List<byte[]> records = RecordProofs.write(bodies, mac);
            return IntStream.range(0, records.size())
                    .mapToObj(i -> new AtRest(fields.get(i), records.get(i)))
                    .toList();
        }

        /** For custodians: the same keys with one MAC for all of them. */
        public static List<AtRest> gather(List<AtRest> keys, RecordMac mac)
                throws CustodyException {
            return proven(keys.stream().map(key -> key.fields).toList(), mac);
        }

        /**
         * Whether a record has a MAC of its own, by what it says of itself, not verified. False for
         * what is no record.
         */
        public static boolean standsAlone(byte[] record) {
            return RecordProofs.isAlone(record);
        }

        /**
         * For custodians: reads records, each authenticated before it is parsed. Empty in the place
         * of one that is not authentic.
         */
        public static List<Optional<AtRest>> readAll(List<byte[]> records, RecordMac mac)
                throws CustodyException {
            List<Optional<byte[]>> bodies = RecordProofs.read(records, mac);
            return IntStream.range(0, records.size())
                    .mapToObj(i -> bodies.get(i).flatMap(body -> of(body, records.get(i))))
                    .toList();
        }

        /** Empty for an authentic one of no known format. */
        private static Optional<AtRest> of(byte[] body, byte[] record) {
            try {
                return Optional.of(new AtRest(WrappedKeyRecord.decode(body), record.clone()));
            } catch (MalformedEncodingException e) {
                return Optional.empty();
            }
        }

        /** The stored form, with all that proves it. */
        public byte[] encoded() {
            return encoded.clone();
        }

        public WrapBinding binding() {
            return fields.binding();
        }

        public TenantName tenant() {
            return model().tenant();
        }

        public ModelName model() {
            return fields.binding().model();
        }

        public VersionId versionId() {
            return fields.binding().versionId();
        }

        public Digest ownerId() {
            return fields.binding().ownerId();
        }

        public Digest manifestDigest() {
            return fields.binding().manifestDigest();
        }

        /** CKA_ID of the key-encryption key, lower-case hex. */
        public String kekId() {
            return fields.kekId();
        }

        public int kekVersion() {
            return fields.kekVersion();
        }

        public WrapFormat wrapFormat() {
            return fields.wrapFormat();
        }

        /** How far the key-encryption key was out of reach when it wrapped this. */
        public TrustLevel level() {
            return fields.level();
        }

        /** The ciphertext under the key-encryption key. */
        public byte[] wrapped() {
            return fields.wrapped().clone();
        }

        @Override
        public String toString() {
            return "AtRest[" + model() + " " + versionId() + " kek v" + kekVersion() + "]";
        }
    }

    /**
     * A data key that only the holder of one ephemeral KEM key can unwrap.
     *
     * @param bytes RSA-OAEP ciphertext
     * @param format which OAEP
     * @param kemKeyDigest SHA-256 of the KEM key's SubjectPublicKeyInfo
     */
    record ForEnclave(byte[] bytes, WrapFormat format, Digest kemKeyDigest) implements WrappedKey {
        @Override
        public String toString() {
            return "ForEnclave[" + format + " to " + kemKeyDigest + "]";
        }
    }
}
