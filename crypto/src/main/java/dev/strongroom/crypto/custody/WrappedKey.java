package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.format.WrapFormat;

/** A data key that only a token or one enclave can unwrap. Ciphertext: anyone may hold it. */
public sealed interface WrappedKey {
    /**
     * A wrapped data key as the vault stores it, with what it belongs to. It exists only for a
     * record that the token wrote or has verified: holding one is the proof.
     *
     * <p>Immutable and thread-safe.
     */
    final class AtRest implements WrappedKey {
        private final WrappedKeyRecord fields;
        private final byte[] encoded;

        private AtRest(WrappedKeyRecord fields, byte[] encoded) {
            this.fields = fields;
            this.encoded = encoded;
        }

        /**
         * For custodians: writes and authenticates the record of a key that was just wrapped.
         *
         * @param kek which key-encryption key wrapped it
         */
        public static AtRest write(
                WrapBinding binding, KekInfo kek, WrapFormat format, byte[] wrapped, RecordMac mac)
                throws CustodyException {
            var fields =
                    new WrappedKeyRecord(
                            binding,
                            kek.keyId(),
                            kek.version(),
                            format,
                            kek.level(),
                            wrapped.clone());
            return new AtRest(fields, fields.encode(mac));
        }

        /**
         * For custodians: reads a record, authenticating it before it is parsed.
         *
         * @throws CustodyException RECORD_NOT_AUTHENTIC
         */
        public static AtRest read(byte[] record, RecordMac mac) throws CustodyException {
            return new AtRest(WrappedKeyRecord.decode(record, mac), record.clone());
        }

        /** The stored form, MAC included. */
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
