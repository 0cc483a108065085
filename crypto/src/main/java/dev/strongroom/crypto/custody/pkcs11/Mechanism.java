package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.strongroom.crypto.format.OaepHash;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A mechanism with its parameter. */
sealed interface Mechanism {
    long type();

    /** A CK_MECHANISM; lives as long as the arena. */
    MemorySegment allocate(Arena arena);

    /** A mechanism without a parameter. */
    record Plain(long type) implements Mechanism {
        @Override
        public MemorySegment allocate(Arena arena) {
            return mechanism(arena, type, MemorySegment.NULL);
        }
    }

    /** RSA-OAEP with the same hash for label and MGF1, and an empty label. */
    record Oaep(OaepHash hash) implements Mechanism {
        private static final long PARAMS_BYTES = 40; // CK_RSA_PKCS_OAEP_PARAMS

        @Override
        public long type() {
            return Ck.CKM_RSA_PKCS_OAEP;
        }

        @Override
        public MemorySegment allocate(Arena arena) {
            MemorySegment params = arena.allocate(PARAMS_BYTES, Long.BYTES);
            params.set(JAVA_LONG, 0, hashMechanism());
            params.set(JAVA_LONG, 8, mgf());
            params.set(JAVA_LONG, 16, Ck.CKZ_DATA_SPECIFIED);
            params.set(ADDRESS, 24, MemorySegment.NULL);
            params.set(JAVA_LONG, 32, 0);
            return mechanism(arena, type(), params);
        }

        private long hashMechanism() {
            return switch (hash) {
                case SHA1 -> Ck.CKM_SHA_1;
                case SHA256 -> Ck.CKM_SHA256;
            };
        }

        private long mgf() {
            return switch (hash) {
                case SHA1 -> Ck.CKG_MGF1_SHA1;
                case SHA256 -> Ck.CKG_MGF1_SHA256;
            };
        }
    }

    private static MemorySegment mechanism(Arena arena, long type, MemorySegment parameter) {
        MemorySegment mechanism = arena.allocate(24, Long.BYTES);
        mechanism.set(JAVA_LONG, 0, type);
        mechanism.set(ADDRESS, 8, parameter);
        mechanism.set(JAVA_LONG, 16, parameter.byteSize());
        return mechanism;
    }
}
