package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.Version;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A token is one vault's word about one node, for minutes. */
class ResultTokenTest {
    static final KeyPair SIGNING = Version.p256();
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Digest PIN = Records.KEY_ID;

    static VaultIdentity vault() {
        VaultIdentity any = Records.vaultIdentity();
        return VaultIdentity.first(
                Records.KEYS.getPublic().getEncoded(),
                SIGNING.getPublic().getEncoded(),
                any.caCertificate(),
                any.module(),
                any.level(),
                any.tee(),
                any.attestationRoot(),
                any.logOrigin());
    }

    static AttestationResult result() {
        return new AttestationResult(
                vault().logOrigin(),
                NOW,
                NOW.plus(Duration.ofMinutes(5)),
                filled(32, 1),
                new TrustVector(2, 3, 2),
                ModelName.parse("acme/net"),
                7,
                VersionId.of(filled(16, 2)),
                digest(3),
                NodeOwners.among(digest(4), List.of(digest(12), digest(11))),
                digest(5),
                digest(6),
                Tee.SEV_SNP,
                digest(7),
                filled(16, 8),
                digest(9),
                digest(10),
                1,
                41);
    }

    private static Digest digest(int value) {
        return Digest.of(filled(32, value));
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    static String token() {
        return token(vault(), SIGNING);
    }

    private static String token(VaultIdentity identity, KeyPair signer) {
        return token(result(), identity, signer);
    }

    private static String token(AttestationResult result, VaultIdentity identity, KeyPair signer) {
        try {
            return ResultToken.sign(
                    result, identity.sign(P256.signer(Records.KEYS)).encode(), P256.signer(signer));
        } catch (java.security.SignatureException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void saysWhatTheVaultConcluded() throws Exception {
        AttestationResult read = verify(NOW, ResultToken.Demand.ANY);
        assertThat(read.encode()).isEqualTo(result().encode());
        String claims = new String(part(token(), 1), StandardCharsets.US_ASCII);
        assertThat(claims)
                .contains("\"eat_profile\":\"tag:ietf.org,2026:rats/ear#04\"")
                .contains("\"ear_status\":\"affirming\"")
                .contains("\"iat\":" + NOW.getEpochSecond());
    }

    /** A library of somebody else's would check these bytes with this algorithm. */
    @Test
    void isAnEs256JsonWebSignature() throws Exception {
        String token = token();
        assertThat(new String(part(token, 0), StandardCharsets.US_ASCII))
                .startsWith("{\"alg\":\"ES256\",\"typ\":\"eat+jwt\",");
        Signature jws = Signature.getInstance("SHA256withECDSAinP1363Format");
        jws.initVerify(SIGNING.getPublic());
        jws.update(token.substring(0, token.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII));
        assertThat(jws.verify(part(token, 2))).isTrue();
    }

    private static byte[] part(String token, int index) {
        return Base64.getUrlDecoder().decode(token.split("\\.", -1)[index]);
    }

    @Test
    void isRefusedAfterItsEndAndBeforeItsTime() {
        refused(() -> verify(NOW.plus(Duration.ofMinutes(5)), ResultToken.Demand.ANY), "ended");
        refused(() -> verify(NOW.minus(Duration.ofMinutes(6)), ResultToken.Demand.ANY), "begins");
    }

    @Test
    void isRefusedWhereItIsAboutSomethingElse() {
        refused(() -> verify(NOW, demand(ModelName.parse("acme/other"))), "acme/net");
        refused(
                () ->
                        verify(
                                NOW,
                                new ResultToken.Demand(
                                        Optional.empty(),
                                        Optional.of(filled(16, 9)),
                                        Optional.empty(),
                                        Optional.empty())),
                "another boot");
        refused(
                () ->
                        verify(
                                NOW,
                                new ResultToken.Demand(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(digest(10)),
                                        Optional.empty())),
                "another TLS key");
        refused(
                () ->
                        verify(
                                NOW,
                                new ResultToken.Demand(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(filled(32, 9)))),
                "another nonce");
    }

    private static ResultToken.Demand demand(ModelName model) {
        return new ResultToken.Demand(
                Optional.of(model), Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Test
    void isRefusedOfAnotherVaultAndOfAKeyThatIsNotItsOwn() {
        KeyPair thief = Version.p256();
        refused(() -> verified(token(vault(), thief), vault()), "got one by");
        VaultIdentity other = next(vault(), thief);
        refused(() -> verified(token(), other), "present signing key");
    }

    /** Whoever has the old key has the identity in which it was the present one as well. */
    @Test
    void isRefusedOfAKeyThatWasReplaced() {
        VaultIdentity second = next(vault(), Version.p256());
        refused(() -> verified(token(second, SIGNING), second), "present signing key");
        refused(() -> verified(token(vault(), SIGNING), second), "present signing key");
    }

    private static VaultIdentity next(VaultIdentity first, KeyPair next) {
        try {
            return first.withSigningKey(
                    next.getPublic().getEncoded(),
                    KeySuccession.sign(
                            first.logOrigin(),
                            P256.signer(SIGNING),
                            SIGNING.getPublic().getEncoded(),
                            result().auditLeaf() + 1,
                            next.getPublic().getEncoded()));
        } catch (java.security.SignatureException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void isRefusedWhereItClaimsToBeGoodForLonger() throws Exception {
        AttestationResult any = result();
        var endless = // lasts a second more than any may
                new AttestationResult(
                        any.issuer(),
                        any.issuedAt(),
                        any.issuedAt().plus(ResultToken.MAX_VALIDITY).plusSeconds(1),
                        any.nonce(),
                        any.vector(),
                        any.model(),
                        any.versionNumber(),
                        any.versionId(),
                        any.manifestDigest(),
                        any.owners(),
                        any.releasePolicy(),
                        any.outputPolicy(),
                        any.tee(),
                        any.rootFingerprint(),
                        any.bootId(),
                        any.tlsKeyDigest(),
                        any.evidence(),
                        any.leaseSeq(),
                        any.auditLeaf());
        refused(() -> verified(token(endless, vault(), SIGNING), vault()), "longer than PT5M");
    }

    @Test
    void isRefusedWithAnyByteChanged() {
        String token = token();
        var random = new Random(4);
        for (int at = 0; at < token.length(); at++) {
            char other;
            do {
                other = (char) (' ' + random.nextInt(95));
            } while (other == token.charAt(at));
            String changed = token.substring(0, at) + other + token.substring(at + 1);
            assertThatThrownBy(() -> asShown(changed))
                    .as("character %d", at)
                    .isInstanceOf(SealedFormatException.class);
        }
    }

    @Test
    void isRefusedWithAMomentThatNoClockShows() {
        String claims = new String(result().encode(), StandardCharsets.US_ASCII);
        String far = claims.replace("\"iat\":" + NOW.getEpochSecond(), "\"iat\":" + "9".repeat(18));
        refused(
                () -> AttestationResult.decode(far.getBytes(StandardCharsets.US_ASCII)),
                "before year 10000");
    }

    @Test
    void signaturesOfAnySizeBecomeTwoNumbers() throws Exception {
        byte[] message = {1};
        for (int i = 0; i < 300; i++) {
            byte[] raw = EcdsaP1363.ofDer(P256.signer(SIGNING).sign(message));
            assertThat(EcdsaP1363.verifies(SIGNING.getPublic(), message, raw)).isTrue();
        }
    }

    private static AttestationResult verify(Instant at, ResultToken.Demand demand)
            throws SealedFormatException {
        return ResultToken.verify(token(), vault(), at, demand);
    }

    private static AttestationResult verified(String token, VaultIdentity vault)
            throws SealedFormatException {
        return ResultToken.verify(token, vault, NOW, ResultToken.Demand.ANY);
    }

    /** As somebody reads it who has the pin and nothing else. */
    private static AttestationResult asShown(String token) throws SealedFormatException {
        Dsse identity = Dsse.decode(ResultToken.shownIdentity(token));
        return verified(token, VaultIdentity.verify(identity, PIN));
    }

    private static void refused(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(why);
    }
}
