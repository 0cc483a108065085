package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.TenantName;

/**
 * One version of a tenant's key-encryption key.
 *
 * @param tenant whose key
 * @param version counted from 1
 * @param keyId CKA_ID in lower-case hex; derived from tenant and version
 * @param state whether it may still wrap
 * @param level how far this key is out of reach of the host; goes into every record under it
 */
public record KekInfo(TenantName tenant, int version, String keyId, State state, TrustLevel level) {
    public enum State {
        /** Wraps and unwraps. */
        ACTIVE,
        /** Still opens what it wrapped, wraps nothing new. */
        RETIRED,
        /**
         * Gone for ever; only the mark that it was retired is left, so that none takes its place.
         */
        DESTROYED,
        /** Not as it should be, for example since its making was interrupted; never used. */
        TORN
    }

    /** Whether it opens what it wrapped. */
    public boolean isUsable() {
        return state == State.ACTIVE || state == State.RETIRED;
    }
}
