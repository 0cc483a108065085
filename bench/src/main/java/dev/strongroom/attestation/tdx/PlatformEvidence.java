package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Tee;

/** A quote of the platform in software that the tests have, with its collateral and its root. */
public final class PlatformEvidence {
    private final byte[] quote;
    private final TdxCollateral collateral;
    private final TdxVerifier verifier;

    public PlatformEvidence() {
        var platform = new SoftwarePlatform(4);
        this.quote = platform.quote();
        this.collateral = platform.collateral();
        this.verifier = new TdxVerifier(platform.roots(), Tee.SIMULATED);
    }

    /** Judges it once, from its bytes. */
    public boolean isAuthentic() {
        return verifier.verify(quote, collateral, TestCertificate.NOW)
                instanceof TdxVerdict.Authentic;
    }
}
