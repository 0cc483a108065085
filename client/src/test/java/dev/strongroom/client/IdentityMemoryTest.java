package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.TrustAnchors;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityMemoryTest {
    private static final TrustAnchors ANCHORS = TrustAnchors.vendors();

    @TempDir private Path folder;

    /** Somebody has the old key and the identity in which it was the present one. */
    @Test
    void anOldIdentityCountsNoMoreOnceTheNextOneWasSeen() throws Exception {
        var vault = new TestVault(ANCHORS);
        byte[] old = vault.identityEnvelope();
        var memory = new IdentityMemory(new Profile(folder));
        assertThat(memory.latest(old, vault.pin(), ANCHORS).number()).isEqualTo(1);
        vault.appendUnrelated(3);
        byte[] next = vault.nextIdentity();
        assertThat(memory.latest(next, vault.pin(), ANCHORS).number()).isEqualTo(2);

        assertThatThrownBy(() -> memory.latest(old, vault.pin(), ANCHORS))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("may be in other hands");

        IdentityMemory.Shown shown = memory.shown(old, vault.pin(), ANCHORS);
        assertThat(shown.shown().number()).isEqualTo(1);
        assertThat(shown.newest().number()).isEqualTo(2);
    }

    @Test
    void anotherVaultsIdentityIsRefused() throws Exception {
        var vault = new TestVault(ANCHORS);
        var memory = new IdentityMemory(new Profile(folder));
        memory.latest(vault.identityEnvelope(), vault.pin(), ANCHORS);
        byte[] other = new TestVault(ANCHORS).identityEnvelope();

        assertThatThrownBy(() -> memory.latest(other, vault.pin(), ANCHORS))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("pinned ceremony key");
    }
}
