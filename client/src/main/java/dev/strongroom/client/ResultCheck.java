package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.VaultIdentity;
import java.io.IOException;
import java.time.Instant;

/**
 * Verifies result tokens offline, under the newest identity of the vault that the profile saw: a
 * key that was replaced signs none.
 *
 * <p>Thread-safe, also between processes.
 */
public final class ResultCheck {
    private static final String NEXT = "do not rely on it; get a new one from the vault";

    private final Profile profile;
    private final Digest pin;
    private final TrustAnchors anchors;

    /**
     * @param profile of one vault; remembers its identity
     * @param pin fingerprint of the ceremony key, learnt out of band
     */
    public ResultCheck(Profile profile, Digest pin, TrustAnchors anchors) {
        this.profile = profile;
        this.pin = pin;
        this.anchors = anchors;
    }

    /**
     * What the vault concluded.
     *
     * @param now moment to judge at
     * @param demand what the token has to be about
     * @throws ClientException of kind VERIFICATION_FAILED, naming what does not hold
     */
    public AttestationResult verify(String token, Instant now, ResultToken.Demand demand)
            throws ClientException, IOException {
        byte[] shown = Checks.verified("the token", NEXT, () -> ResultToken.shownIdentity(token));
        VaultIdentity vault = new IdentityMemory(profile).latest(shown, pin, anchors);
        AttestationResult result =
                Checks.verified(
                        "the token", NEXT, () -> ResultToken.verify(token, vault, now, demand));
        Checks.require(
                anchors.accepts(result.tee()) && anchors.believes(result.rootFingerprint()),
                "the token's evidence was under a root that this program does not know",
                NEXT);
        return result;
    }
}
