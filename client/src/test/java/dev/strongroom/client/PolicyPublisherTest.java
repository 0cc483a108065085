package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.client.PolicyPublisher.Outcome;
import dev.strongroom.client.PolicyPublisher.Step;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
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
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An owner sets policies at a vault that keeps what it was sent and says that it did not come. */
class PolicyPublisherTest {
    private static final TrustAnchors ANCHORS = TrustAnchors.vendors();
    private static final Duration VALID = Duration.ofDays(90);

    @TempDir private Path folder;
    private TestVault vault;
    private OwnerKey owner;
    private VaultServer server;
    private VaultConnection connection;

    /** What a test has the vault do. */
    private volatile boolean failing;

    /** One policy, as the vault shows it; the last one is in force. */
    private volatile List<VerifiedPolicy> shown = List.of();

    private final List<VerifiedPolicy> sent = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        var certificates = new TestCertificates();
        vault = new TestVault(ANCHORS, certificates.certificate().getEncoded());
        Profile profile = certificates.profile(folder.resolve("owner"));
        owner = OwnerKey.create(profile, new SecureRandom());
        server =
                new VaultServer(
                        vault, certificates, certificates, new Models(), new ServedLog(vault));
        connection = VaultConnection.open(profile, server.address());
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void noNumberIsSignedTwiceWhateverTheVaultAnswers(Kind kind) throws Exception {
        assertThat(set(kind).seq()).isEqualTo(1);
        failing = true;
        failsToSet(kind);
        failsToSet(kind);
        assertThat(sent.getLast().document().seq()).isEqualTo(3);
        assertThat(sent.getLast().document().previous()).contains(digest(0));

        failing = false;
        assertThat(set(kind).seq()).isEqualTo(4);
        assertThat(set(kind).seq()).isEqualTo(5);
        requireOneOfEachNumber();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aFirstRevisionThatTheVaultKeptIsTheOnlyFirstOne(Kind kind) throws Exception {
        failing = true;
        failsToSet(kind);
        failsToSet(kind);

        failing = false;
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
        failing = true;
        failsToSet(kind);
        failsToSet(kind);

        failing = false;
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
        var numbers = new PolicyNumbers(connection.profile());
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
        new PolicyNumbers(connection.profile()).sign(revision);
    }

    private PolicyDocument release(long number, byte[] body) {
        return PolicyDocument.first(
                        owner.keyId(),
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
        return PolicyDocument.verify(policy.sign(owner), owner.keyId(), owner.spki());
    }

    private PolicyDocument draft(Duration valid) {
        return PolicyDocument.first(
                owner.keyId(),
                Kind.OUTPUT,
                TestNode.MODEL,
                Instant.now().plus(valid),
                body(Kind.OUTPUT));
    }

    private void requireOneOfEachNumber() {
        assertThat(
                        sent.stream()
                                .collect(
                                        Collectors.groupingBy(
                                                policy -> policy.document().seq(),
                                                Collectors.mapping(
                                                        policy -> policy.reference().digest(),
                                                        Collectors.toSet())))
                                .values())
                .as("payloads of each number")
                .allSatisfy(payloads -> assertThat(payloads).hasSize(1));
        assertThat(sent.stream().map(policy -> policy.document().id()).distinct()).hasSize(1);
    }

    private Digest digest(int index) {
        return sent.get(index).reference().digest();
    }

    private void failsToSet(Kind kind) {
        var failed = catchThrowableOfType(StatusRuntimeException.class, () -> set(kind));
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
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
                connection, vault.pin(), ANCHORS, InstantSource.system(), new SecureRandom());
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
                return ByteString.copyFrom(policy.document().sign(owner).encode());
            } catch (SignatureException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyResponse> answers) {
            VerifiedPolicy policy = verified(request.getDocument());
            sent.add(policy);
            if (failing) {
                answers.onError(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            List<VerifiedPolicy> next = new ArrayList<>(shown);
            next.add(policy);
            shown = List.copyOf(next);
            answers.onNext(SetPolicyResponse.newBuilder().setProof(logged(policy)).build());
            answers.onCompleted();
        }

        private VerifiedPolicy verified(ByteString envelope) {
            try {
                return PolicyDocument.verify(
                        Dsse.decode(envelope.toByteArray()), owner.keyId(), owner.spki());
            } catch (SealedFormatException e) {
                throw new IllegalStateException(e);
            }
        }

        private InclusionProof logged(VerifiedPolicy policy) {
            PolicyDocument document = policy.document();
            var fields =
                    new TreeMap<>(
                            Map.of(
                                    "model", document.scope().toString(),
                                    "kind", document.kind().toString(),
                                    "id", document.id(),
                                    "seq", Long.toString(document.seq()),
                                    "digest", policy.reference().digest().hex()));
            try {
                return vault.proof(vault.append(TestVault.record(AuditRecord.POLICY_SET, fields)));
            } catch (SignatureException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
