package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.security.KeyPair;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * A vault whose signing key was replaced at leaf 7 of its log, because somebody else has the old
 * one: what he can sign with it, and whether anybody believes it.
 */
class VaultIdentityTest {
    private static final long END = 7;
    private static final KeyPair CEREMONY = Records.KEYS;
    private static final KeyPair OLD = Version.p256();
    private static final KeyPair NEW = Version.p256();
    private static final KeyPair STRANGER = Version.p256();

    private final VaultIdentity first = first();
    private final VaultIdentity second = followed(first, OLD, END, NEW);

    private static VaultIdentity first() {
        VaultIdentity any = Records.vaultIdentity();
        return VaultIdentity.first(
                spki(CEREMONY),
                spki(OLD),
                any.caCertificate(),
                any.module(),
                any.level(),
                any.tee(),
                any.attestationRoot(),
                any.logOrigin());
    }

    private static VaultIdentity followed(
            VaultIdentity identity, KeyPair ending, long end, KeyPair next) {
        try {
            var word =
                    KeySuccession.sign(
                            identity.logOrigin(),
                            P256.signer(ending),
                            spki(ending),
                            end,
                            spki(next));
            return identity.withSigningKey(spki(next), word);
        } catch (java.security.SignatureException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] spki(KeyPair key) {
        return key.getPublic().getEncoded();
    }

    private static VaultIdentity read(VaultIdentity identity) throws Exception {
        return VaultIdentity.verify(identity.sign(P256.signer(CEREMONY)), Records.KEY_ID);
    }

    private SignedCheckpoint head(KeyPair by, long size) throws Exception {
        return SignedCheckpoint.sign(
                new Checkpoint(first.logOrigin(), size, Digest.sha256()), P256.signer(by));
    }

    private static Checkpoint verify(SignedCheckpoint head, VaultIdentity vault) throws Exception {
        return head.verify(head.logKey(vault), WitnessQuorum.NONE);
    }

    private static void refused(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(why);
    }

    @Test
    void oldHeadsStayGoodAndTheOldKeySignsNoLaterOne() throws Exception {
        VaultIdentity vault = read(second);
        assertThat(verify(head(OLD, END), vault).size()).isEqualTo(END);
        assertThat(verify(head(NEW, END + 1), vault).size()).isEqualTo(END + 1);
        refused(() -> verify(head(OLD, END + 1), vault), "expected a signature");
        refused(() -> verify(head(STRANGER, 3), vault), "expected a signature");
    }

    @Test
    void oldLeasesStayGoodAndTheOldKeySignsNoLaterOne() throws Exception {
        Lease lease = Records.lease();
        VaultIdentity after = followed(first, OLD, lease.auditLeaf() + 1, NEW);
        VaultIdentity before = followed(first, OLD, lease.auditLeaf(), NEW);
        assertThat(Lease.verify(lease.sign(P256.signer(OLD)), after)).isNotNull();
        assertThat(Lease.verify(lease.sign(P256.signer(NEW)), before)).isNotNull();
        refused(() -> Lease.verify(lease.sign(P256.signer(OLD)), before), "ended at leaf");
        refused(() -> Lease.verify(lease.sign(P256.signer(STRANGER)), after), "no valid signature");
    }

    @Test
    void theSameForCountersignatures() throws Exception {
        Countersignature word = Records.countersignature();
        VaultIdentity after = followed(first, OLD, word.auditLeaf() + 1, NEW);
        VaultIdentity before = followed(first, OLD, word.auditLeaf(), NEW);
        assertThat(Countersignature.verify(word.sign(P256.signer(OLD)), after)).isNotNull();
        refused(
                () -> Countersignature.verify(word.sign(P256.signer(OLD)), before),
                "ended at leaf");
    }

    @Test
    void theOldKeyIntroducesNobodyWithoutTheCeremonyKey() throws Exception {
        VaultIdentity his = followed(first, OLD, END, STRANGER);
        refused(
                () ->
                        VaultIdentity.verify(
                                Dsse.sign(
                                        VaultIdentity.PAYLOAD_TYPE, his.encode(), P256.signer(OLD)),
                                Records.KEY_ID),
                "no valid signature");
    }

    /** The ceremony key alone does not name another signing key to those who know one. */
    @Test
    void theCeremonyKeyIntroducesNobodyWithoutTheOldKey() {
        var word = second.earlierKeys().getFirst();
        refused(() -> read(first.withSigningKey(spki(STRANGER), word)), "no valid signature");
        VaultIdentity unrelated =
                VaultIdentity.first(
                        first.ceremonySpki(),
                        spki(STRANGER),
                        first.caCertificate(),
                        first.module(),
                        first.level(),
                        first.tee(),
                        first.attestationRoot(),
                        first.logOrigin());
        refused(
                () -> unrelated.withAuthorities(first.caCertificates()).requireFollows(first),
                "does not follow");
    }

    @Test
    void whoSawTheNewIdentityIsNotTakenBackToTheOldOne() {
        assertThatCode(() -> second.requireFollows(first)).doesNotThrowAnyException();
        assertThatCode(() -> second.requireFollows(second)).doesNotThrowAnyException();
        refused(() -> first.requireFollows(second), "may be in other hands");
        refused(
                () -> followed(first, OLD, END + 1, NEW).requireFollows(second),
                "another one than was seen");
        VaultIdentity third = followed(second, NEW, 20, STRANGER);
        assertThatCode(() -> third.requireFollows(first)).doesNotThrowAnyException();
        assertThatCode(() -> third.requireFollows(second)).doesNotThrowAnyException();
    }

    @Test
    void periodsDoNotGoBack() {
        refused(() -> read(followed(second, NEW, END, STRANGER)), "not in order");
        assertThatThrownBy(() -> second.withAuthorities(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
