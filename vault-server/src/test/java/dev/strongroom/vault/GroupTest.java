package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.IssueCertificateRequest;
import dev.strongroom.proto.v1.ListIdentitiesRequest;
import dev.strongroom.proto.v1.ListIdentitiesResponse.Identity;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which callers share what a group has is an operator's word, and never the caller's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GroupTest {
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

    @Test
    void theCertificateDeclaresItAndSoDoesItsRenewalAlsoAfterARestart() throws Exception {
        assertThat(subject(wanted("one", "labs-7"))).isEqualTo("O=labs-7,CN=one");
        assertThat(subject(wanted("one", ""))).isEqualTo("O=labs-7,CN=one");
        vault.restart();
        assertThat(subject(wanted("one", ""))).isEqualTo("O=labs-7,CN=one");
        assertThat(identity("one").getGroup()).isEqualTo("labs-7");
    }

    @Test
    void aCallerHasNoneByHisOwnRequest() {
        assertThat(subject(wanted("two", ""))).isEqualTo("CN=two");
        assertThat(identity("two").getGroup()).isEmpty();
    }

    @Test
    void nobodyIsInTwo() {
        subject(wanted("three", "labs"));
        Refusal.of(() -> subject(wanted("three", "other"))).isFor(Reason.IDENTITY_IN_USE);
        subject(wanted("four", ""));
        Refusal.of(() -> subject(wanted("four", "other"))).isFor(Reason.IDENTITY_IN_USE);
        admin().withdrawIdentity(
                        WithdrawIdentityRequest.newBuilder()
                                .setIdentity("spiffe://strongroom/acme/consumer/three")
                                .build());
        assertThat(subject(wanted("three", "other"))).isEqualTo("O=other,CN=three");
        assertThat(identity("three").getGroup()).isEqualTo("other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Labs", "a,O=b", "a b", "acme/consumer/one", "a+b", "\u00e4", " "})
    void refusesWhatIsNoName(String group) {
        Refusal.of(() -> subject(wanted("five", group))).isFor(Reason.REQUEST_MALFORMED);
        Refusal.of(() -> subject(wanted("five", "a".repeat(64)))).isFor(Reason.REQUEST_MALFORMED);
    }

    @Test
    void whoBelongsToNoTenantHasNone() {
        var auditor = wanted("six", "labs").setTenant("").setRole("auditor");
        Refusal.of(() -> subject(auditor)).isFor(Reason.REQUEST_MALFORMED);
    }

    private static IssueCertificateRequest.Builder wanted(String name, String group) {
        return IssueCertificateRequest.newBuilder()
                .setTenant("acme")
                .setRole("consumer")
                .setName(name)
                .setGroup(group)
                .setCsr(ByteString.copyFrom(TestIdentity.csr(TestIdentity.newKey())));
    }

    private String subject(IssueCertificateRequest.Builder wanted) {
        byte[] leaf = admin().issueCertificate(wanted.build()).getChain(0).toByteArray();
        return CertificateAuthority.parse(leaf).getSubjectX500Principal().getName();
    }

    private Identity identity(String name) {
        return admin()
                .listIdentities(ListIdentitiesRequest.getDefaultInstance())
                .getIdentitiesList()
                .stream()
                .filter(known -> known.getIdentity().endsWith("/acme/consumer/" + name))
                .findFirst()
                .orElseThrow();
    }

    private AdminGrpc.AdminBlockingStub admin() {
        return AdminGrpc.newBlockingStub(vault.connect(vault.operator));
    }
}
