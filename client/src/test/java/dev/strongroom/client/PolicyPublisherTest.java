package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.client.PolicyPublisher.Outcome;
import dev.strongroom.client.PolicyPublisher.Step;
import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetPoliciesResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.proto.v1.SetPolicyResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An owner sets policies at a vault that keeps what it was sent and says that it did not come. */
class PolicyPublisherTest {
    private static final Duration VALID = Duration.ofDays(90);

    @AutoClose private OwnersVault vault;

    /** One policy, as the vault shows it; the last one is in force. */
    private volatile List<VerifiedPolicy> shown = List.of();

    private final List<VerifiedPolicy> sent = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        vault = new OwnersVault(folder.resolve("owner"), new Models());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void noNumberIsSignedTwiceWhateverTheVaultAnswers(Kind kind) throws Exception {
        assertThat(set(kind).seq()).isEqualTo(1);
        vault.failing = true;
        failsToSet(kind);
        failsToSet(kind);
        assertThat(sent.getLast().document().seq()).isEqualTo(3);
        assertThat(sent.getLast().document().previous()).contains(digest(0));

        vault.failing = false;
        assertThat(set(kind).seq()).isEqualTo(4);
        assertThat(set(kind).seq()).isEqualTo(5);
        requireOneOfEachNumber();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aFirstRevisionThatTheVaultKeptIsTheOnlyFirstOne(Kind kind) throws Exception {
        vault.failing = true;
        failsToSet(kind);
        failsToSet(kind);

        vault.failing = false;
        PolicyReference set = set(kind);
        assertThat(set.seq()).isEqualTo(3);
        assertThat(set.id()).isEqualTo(sent.getFirst().document().id());
        assertThat(set(kind).seq()).isEqualTo(4);
        requireOneOfEachNumber();
    }

    /** Once it was sent, the owner cannot keep a vault from putting it in force. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void aKeptRevisionThatComesIntoForceIsFollowedByANumberAboveAll(Kind kind) throws Exception {
        set(kind);
        vault.failing = true;
        failsToSet(kind);
        failsToSet(kind);

        vault.failing = false;
        shown = List.of(sent.get(0), sent.get(1));
        assertThat(set(kind).seq()).isEqualTo(4);
        assertThat(sent.getLast().document().previous()).contains(digest(1));
        requireOneOfEachNumber();
    }

    @Test
    void whatAPreviewSaysIsSignedNoSooner() throws Exception {
        Outcome preview =
                publisher()
                        .set(Kind.OUTPUT, TestNode.MODEL, body(Kind.OUTPUT), VALID, Step.PREVIEW);
        assertThat(preview.policy().seq()).isEqualTo(1);
        assertThat(sent).isEmpty();
        assertThat(set(Kind.OUTPUT).seq()).isEqualTo(1);
    }

    /** Which is how an old first revision could begin it anew. */
    @Test
    void aPolicyThatIsNotShownAnyMoreIsNotBegunAnew() throws Exception {
        set(Kind.RELEASE);
        shown = List.of();
        var refused = catchThrowableOfType(ClientException.class, () -> set(Kind.RELEASE));
        assertThat(refused).hasMessageContaining("was seen before and is not shown any more");
        assertThat(refused.kind()).isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
        assertThat(sent).hasSize(1);
    }

    @Test
    void oneOfTwoCommandsAtOnceSigns() throws Exception {
        var numbers = new PolicyNumbers(vault.connection.profile());
        PolicyDocument one = numbers.next(draft(Duration.ofDays(1)));
        PolicyDocument other = numbers.next(draft(Duration.ofDays(2)));
        numbers.sign(one);
        numbers.sign(one);
        var refused = catchThrowableOfType(ClientException.class, () -> numbers.sign(other));
        assertThat(refused.kind()).isEqualTo(ClientException.Kind.CONFLICT);
        PolicyDocument again = numbers.next(draft(Duration.ofDays(2)));
        assertThat(again.seq()).isEqualTo(2);
        assertThat(again.id()).isEqualTo(one.id());
        numbers.sign(again);
    }

    /** The vault has that one and its approvals, and would choose between it and this one. */
    @Test
    void aFirstRevisionThatTheVaultKeptIsNotFollowedByOneWithoutItsApprovers() throws Exception {
        sign(release(1, approvedBy("a", "b")));
        refusesToFree(body(Kind.RELEASE));
        refusesToFree(approvedBy("a", "c"));
        refusesToFree(approvedBy("a"));
        assertThat(sent).isEmpty();
        assertThat(preview(approvedBy("b", "a")))
                .isInstanceOfSatisfying(
                        Outcome.Awaiting.class,
                        awaiting -> assertThat(awaiting.policy().seq()).isEqualTo(2));
    }

    @Test
    void neitherIsALaterOneThatTheVaultKept() throws Exception {
        set(Kind.RELEASE);
        sign(release(1, approvedBy("a")).following(sent.getFirst()));
        refusesToFree(body(Kind.RELEASE));
        assertThat(sent).hasSize(1);
        assertThat(preview(approvedBy("a"))).isInstanceOf(Outcome.Awaiting.class);
    }

    /** What was kept is behind it; whoever signed it elsewhere had to have the approvals. */
    @Test
    void approversOfARevisionBeforeTheOneThatIsShownBindNobody() throws Exception {
        sign(release(1, approvedBy("a")));
        shown = List.of(verified(release(3, body(Kind.RELEASE))));
        assertThat(set(Kind.RELEASE).seq()).isEqualTo(4);
    }

    /** As a command does before it sends the revision that approvers agreed to. */
    private void sign(PolicyDocument revision) throws Exception {
        new PolicyNumbers(vault.connection.profile()).sign(revision);
    }

    private PolicyDocument release(long number, byte[] body) {
        return PolicyDocument.first(
                        vault.owner.keyId(),
                        Kind.RELEASE,
                        TestNode.MODEL,
                        Instant.now().plus(VALID),
                        body)
                .numbered(number);
    }

    private static byte[] approvedBy(String... names) {
        var keys = new TreeSet<Digest>();
        for (String name : names) {
            keys.add(Digest.sha256(name.getBytes(StandardCharsets.UTF_8)));
        }
        return TestNode.releaseBody(new byte[48])
                .replaceFirst(
                        "}$",
                        ", \"approvals\": " + new ApproverSet(keys.size(), keys).canonical() + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void refusesToFree(byte[] body) {
        for (Step step : Step.values()) {
            var refused = catchThrowableOfType(ClientException.class, () -> release(body, step));
            assertThat(refused).hasMessageContaining("names approvers");
            assertThat(refused.kind()).isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
        }
    }

    private Outcome preview(byte[] body) throws Exception {
        return release(body, Step.PREVIEW);
    }

    private Outcome release(byte[] body, Step step) throws Exception {
        return publisher().set(Kind.RELEASE, TestNode.MODEL, body, VALID, step);
    }

    private VerifiedPolicy verified(PolicyDocument policy) throws Exception {
        ByteString envelope = ByteString.copyFrom(policy.sign(vault.owner).encode());
        return vault.signed(envelope, PolicyDocument::verify);
    }

    private PolicyDocument draft(Duration valid) {
        return PolicyDocument.first(
                vault.owner.keyId(),
                Kind.OUTPUT,
                TestNode.MODEL,
                Instant.now().plus(valid),
                body(Kind.OUTPUT));
    }

    private void requireOneOfEachNumber() {
        OwnersVault.requireOneOfEachNumber(
                sent.stream()
                        .map(VerifiedPolicy::reference)
                        .map(policy -> new Revision(policy.seq(), policy.digest())));
        assertThat(sent.stream().map(policy -> policy.document().id()).distinct()).hasSize(1);
    }

    private Digest digest(int index) {
        return sent.get(index).reference().digest();
    }

    private void failsToSet(Kind kind) {
        OwnersVault.fails(() -> set(kind));
    }

    private PolicyReference set(Kind kind) throws Exception {
        Outcome outcome = publisher().set(kind, TestNode.MODEL, body(kind), VALID, Step.DO);
        assertThat(outcome).isInstanceOf(Outcome.InForce.class);
        return outcome.policy();
    }

    private static byte[] body(Kind kind) {
        String json =
                switch (kind) {
                    case RELEASE -> TestNode.releaseBody(new byte[48]);
                    case OUTPUT -> OutputPolicy.standard().canonical();
                };
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private PolicyPublisher publisher() {
        return new PolicyPublisher(
                vault.connection,
                vault.keys.pin(),
                OwnersVault.ANCHORS,
                InstantSource.system(),
                new SecureRandom());
    }

    private final class Models extends ModelsGrpc.ModelsImplBase {
        @Override
        public void getPolicies(
                GetPoliciesRequest request, StreamObserver<GetPoliciesResponse> answers) {
            answers.onNext(GetPoliciesResponse.newBuilder().setPolicies(policies()).build());
            answers.onCompleted();
        }

        private Policies.Builder policies() {
            var policies = Policies.newBuilder();
            if (shown.isEmpty()) {
                return policies;
            }
            List<ByteString> envelopes = new ArrayList<>(shown.stream().map(this::signed).toList());
            ByteString last = envelopes.removeLast();
            if (shown.getLast().document().kind() == Kind.OUTPUT) {
                return policies.setOutput(last);
            }
            envelopes.forEach(before ->
                    policies.addReleaseBefore(PolicyRevision.newBuilder().setEnvelope(before)));
            return policies.setRelease(last);
        }

        private ByteString signed(VerifiedPolicy policy) {
            try {
                return ByteString.copyFrom(policy.document().sign(vault.owner).encode());
            } catch (SignatureException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyResponse> answers) {
            VerifiedPolicy policy = vault.signed(request.getDocument(), PolicyDocument::verify);
            sent.add(policy);
            vault.answer(
                    answers,
                    () -> {
                        List<VerifiedPolicy> next = new ArrayList<>(shown);
                        next.add(policy);
                        shown = List.copyOf(next);
                        return SetPolicyResponse.newBuilder().setProof(logged(policy)).build();
                    });
        }

        private InclusionProof logged(VerifiedPolicy policy) {
            PolicyDocument document = policy.document();
            return vault.logged(
                    AuditRecord.POLICY_SET,
                    Map.of(
                            "model", document.scope().toString(),
                            "kind", document.kind().toString(),
                            "id", document.id(),
                            "seq", Long.toString(document.seq()),
                            "digest", policy.reference().digest().hex()));
        }
    }
}
