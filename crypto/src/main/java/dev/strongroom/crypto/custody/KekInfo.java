package dev.strongroom.crypto.custody;

import dev.strongroom.crypto.format.TenantName;

/**
 * One version of a tenant's key-encryption key.
 *
 * @param tenant whose key
 * @param version counted from 1
 * @param keyId CKA_ID in lower-case hex; derived from tenant and version
 * @param state whether it may still wrap
 */
public record KekInfo(TenantName tenant, int version, String keyId, State state) {
    public enum State {
        /** Wraps and unwraps. */
        ACTIVE,
        /** Still opens what it wrapped, wraps nothing new. */
        RETIRED
    }
}
