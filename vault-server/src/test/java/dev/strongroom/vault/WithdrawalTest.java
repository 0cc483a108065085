package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.IssueCertificateRequest;
import dev.strongroom.proto.v1.ListIdentitiesRequest;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A certificate in the wrong hands is ended by an operator, for good. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WithdrawalTest {
    private TestVault vault;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        vault = new TestVault(dir);
        vault.tenant("acme");
    }

    @AfterAll
    void stop() {
        vault.close();
    }

    private AdminGrpc.AdminBlockingStub admin() {
        return AdminGrpc.newBlockingStub(vault.connect(vault.operator));
    }

    private void list(TestIdentity caller) {
        ModelsGrpc.newBlockingStub(vault.connect(caller))
                .listModels(ListModelsRequest.getDefaultInstance());
    }

    private static String uriOf(TestIdentity identity) throws Exception {
        return (String)
                identity.certificate().getSubjectAlternativeNames().iterator().next().get(1);
    }

    private void withdraw(String uri) {
        admin().withdrawIdentity(WithdrawIdentityRequest.newBuilder().setIdentity(uri).build());
    }

    @Test
    void refusesAWithdrawnCertificateFromTheNextCallOnAndAfterARestart() throws Exception {
        TestIdentity lost = vault.issue("acme", "consumer");
        TestIdentity other = vault.issue("acme", "consumer");
        list(lost);
        withdraw(uriOf(lost));
        Refusal.of(() -> list(lost)).isFor(Reason.CERTIFICATE_WITHDRAWN);
        list(other);
        vault.restart();
        Refusal.of(() -> list(lost)).isFor(Reason.CERTIFICATE_WITHDRAWN);
        list(other);
    }

    @Test
    void neverCertifiesAWithdrawnKeyAgain() throws Exception {
        TestIdentity lost = vault.issue("acme", "auditor");
        String uri = uriOf(lost);
        withdraw(uri);
        var again =
                IssueCertificateRequest.newBuilder()
                        .setTenant("acme")
                        .setRole("auditor")
                        .setName(uri.substring(uri.lastIndexOf('/') + 1))
                        .setCsr(ByteString.copyFrom(TestIdentity.csr(lost.key())));
        Refusal.of(() -> admin().issueCertificate(again.build())).isFor(Reason.KEY_WITHDRAWN);
        again.setCsr(ByteString.copyFrom(TestIdentity.csr(TestIdentity.newKey())));
        admin().issueCertificate(again.build());
        assertThat(
                        admin().listIdentities(ListIdentitiesRequest.getDefaultInstance())
                                .getIdentitiesList())
                .anySatisfy(line -> {
                    assertThat(line.getIdentity()).isEqualTo(uri);
                    assertThat(line.getActiveCertificates()).isEqualTo(1);
                    assertThat(line.getWithdrawnCertificates()).isEqualTo(1);
                });
    }

    @Test
    void keepsAnOperatorFromLockingHimselfOut() throws Exception {
        String self = uriOf(vault.operator);
        Refusal.of(() -> withdraw(self)).isFor(Reason.IDENTITY_IN_USE);
    }

    @Test
    void saysWhenThereIsNothingToWithdraw() {
        Refusal.of(() -> withdraw("spiffe://strongroom/acme/consumer/nobody"))
                .isFor(Reason.IDENTITY_NOT_FOUND);
        Refusal.of(() -> withdraw("acme")).isFor(Reason.REQUEST_MALFORMED);
    }
}
