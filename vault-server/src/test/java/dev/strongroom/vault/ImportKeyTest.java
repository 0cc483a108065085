package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.ImportKey;
import dev.strongroom.proto.v1.RotateImportKeyRequest;
import dev.strongroom.proto.v1.RotateImportKeyResponse;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotation of the key that pushes are sealed to. */
class ImportKeyTest {
    @TempDir Path dir;
    private TestVault vault;
    private TestOwner owner;

    @BeforeEach
    void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        owner.setPolicies("bert");
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private RotateImportKeyResponse rotate() {
        return owner.keys()
                .rotateImportKey(RotateImportKeyRequest.newBuilder().setTenant("acme").build());
    }

    private List<String> states() {
        return owner
                .keys()
                .planRotateImportKey(RotateImportKeyRequest.newBuilder().setTenant("acme").build())
                .getKeysList()
                .stream()
                .map(ImportKey::getState)
                .toList();
    }

    @Test
    void theOldOneOpensWhatWasSealedToItUntilItsCertificateEnds() throws Exception {
        ImportCertificate old = owner.importCertificate();
        Sealed early = owner.seal("bert", old, owner.signer, new byte[1]);
        assertThat(rotate().getVersion()).isEqualTo(2);
        assertThat(states()).containsExactly("superseded", "current");
        ImportCertificate current = owner.importCertificate();
        assertThat(current.spki()).isNotEqualTo(old.spki());

        owner.push(early);
        owner.push(owner.seal("bert", current, owner.signer, new byte[2]));

        vault.clock.advance(Duration.between(vault.clock.instant(), old.notAfter()).plusDays(1));
        assertThat(states()).containsExactly("retired", "current");
        owner.setPolicies("late"); // the others are over as well
        Sealed late = owner.seal("late", old, owner.signer, new byte[3]);
        Refusal.of(() -> owner.push(late)).isFor(Reason.IMPORT_REFUSED);
        owner.push(owner.seal("late", owner.importCertificate(), owner.signer, new byte[4]));
    }

    /** Who can write the database would like pushes to be sealed to a key that he recorded for. */
    @Test
    void noOlderKeyComesBackIntoCertificates() throws Exception {
        assertThat(rotate().getVersion()).isEqualTo(2);
        byte[] current = owner.importCertificate().spki();
        vault.sql("UPDATE import_key SET state = 'pending' WHERE version = 2");
        assertThat(owner.importCertificate().spki()).isEqualTo(current);
        vault.sql("DELETE FROM import_key WHERE version = 2");
        Refusal.of(() ->
                        owner.keys()
                                .getImportCertificate(
                                        GetImportCertificateRequest.newBuilder()
                                                .setTenant("acme")
                                                .build()))
                .isFor(Reason.TENANT_NOT_AUTHENTIC);
    }

    @Test
    void aVersionThatWasNeverUsedRetiresAtOnce() {
        assertThat(rotate().getVersion()).isEqualTo(2);
        assertThat(states()).containsExactly("retired", "current");
    }
}
