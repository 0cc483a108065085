package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Role;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.ListLeavesRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node of several owners gets a key only where the policy of the key's owner names the others.
 */
class CoOwnersTest {
    private static final Digest STRANGER = Digest.sha256(new byte[] {99});

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner acme;
    private static TestOwner globex;
    private static int models;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        acme = vault.tenant("acme");
        globex = vault.tenant("globex");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    /** A version under a release policy that names these. */
    private record Model(TestOwner owner, String name, Policies policies, Sealed version) {
        static Model of(TestOwner owner, Digest... coOwners) {
            String name = "bert-" + models++;
            PolicyDocument plain = owner.policy(Kind.RELEASE, name, 1, Optional.empty());
            var policies = new Policies(owner.set(naming(plain, coOwners)), owner.setOutput(name));
            Sealed version = owner.seal(name, TestOwner.weights(100));
            owner.push(version);
            return new Model(owner, name, policies, version);
        }

        /** The next revision of the release policy. */
        Policies revised(Digest... coOwners) {
            PolicyDocument plain =
                    owner.policy(Kind.RELEASE, name, 2, Optional.of(policies.release()));
            return new Policies(owner.set(naming(plain, coOwners)), 2, policies.output());
        }

        private static PolicyDocument naming(PolicyDocument plain, Digest... coOwners) {
            return coOwners.length == 0
                    ? plain
                    : TestOwner.demanding(
                            plain,
                            "\"coOwners\":[\""
                                    + String.join(
                                            "\",\"",
                                            List.of(coOwners).stream().map(Digest::hex).toList())
                                    + "\"]");
        }
    }

    private static TestNode node(TestOwner owner, Digest... others) {
        var node = new TestNode(owner);
        node.coOwners = Set.of(others);
        return node;
    }

    private static RequestLeaseResponse lease(TestNode node, Model model) {
        return node.ask(node.request(model.version(), model.policies()));
    }

    @Test
    void releasesToANodeOfBothWhereBothPoliciesNameTheOther() throws Exception {
        Model ofAcme = Model.of(acme, globex.ownerId());
        Model ofGlobex = Model.of(globex, acme.ownerId());
        var acmesSide = node(acme, globex.ownerId());
        var globexsSide = node(globex, acme.ownerId());
        assertThat(acmesSide.guest().hostData()).isEqualTo(globexsSide.guest().hostData());

        RequestLeaseResponse answer = lease(acmesSide, ofAcme);
        lease(globexsSide, ofGlobex);
        AuditRecord leaf = AuditRecord.decode(answer.getProof().getLeaf().toByteArray());
        assertThat(leaf.fields()).containsEntry(ReleaseRecord.CO_OWNERS, globex.ownerId().hex());
        Lease lease = acmesSide.lease(answer.getLease());
        var both = NodeOwners.among(acme.ownerId(), Set.of(globex.ownerId()));
        assertThat(ReleaseRecord.objection(leaf, lease, both)).isEmpty();
        assertThat(ReleaseRecord.owners(leaf.fields(), acme.ownerId())).isEqualTo(both);
        assertThat(ReleaseRecord.objection(leaf, lease, NodeOwners.alone(acme.ownerId())))
                .hasValueSatisfying(why -> assertThat(why).contains(ReleaseRecord.CO_OWNERS));
    }

    @Test
    void aPolicyThatNamesOthersStillReleasesToANodeAlone() throws Exception {
        Model model = Model.of(acme, globex.ownerId());
        RequestLeaseResponse answer = lease(node(acme), model);
        AuditRecord leaf = AuditRecord.decode(answer.getProof().getLeaf().toByteArray());
        assertThat(leaf.fields()).containsEntry(ReleaseRecord.CO_OWNERS, "");
    }

    @Test
    void oneOwnersWordDoesNotBindTheOther() {
        lease(node(acme, globex.ownerId()), Model.of(acme, globex.ownerId()));
        Model silent = Model.of(globex);
        Refusal.of(() -> lease(node(globex, acme.ownerId()), silent)).byRule("policy.co-owners");
    }

    @Test
    void refusesAnOwnerWhomThePolicyDoesNotName() throws Exception {
        Model model = Model.of(acme, globex.ownerId());
        Refusal.of(() -> lease(node(acme, STRANGER), model))
                .byRule("policy.co-owners")
                .saying(STRANGER.hex());
        Refusal refusal =
                Refusal.of(() -> lease(node(acme, globex.ownerId(), STRANGER), model))
                        .byRule("policy.co-owners");
        assertThat(leaf(refusal.info().getMetadataOrThrow("audit-leaf")).fields())
                .containsEntry("rule", "policy.co-owners")
                .hasEntrySatisfying(
                        ReleaseRecord.CO_OWNERS,
                        said -> assertThat(said).contains(STRANGER.hex(), globex.ownerId().hex()));
    }

    private static AuditRecord leaf(String index) throws SealedFormatException {
        var answers =
                AuditGrpc.newBlockingStub(vault.connect(vault.operator))
                        .listLeaves(
                                ListLeavesRequest.newBuilder()
                                        .setFromIndex(Long.parseLong(index))
                                        .build());
        return AuditRecord.decode(answers.next().getLeaf().toByteArray());
    }

    @Test
    void refusesAListThatIsNotTheLaunchedOne() {
        Model model = Model.of(acme, globex.ownerId(), STRANGER);
        Set<Digest> two = Set.of(globex.ownerId());
        assertHostDataRefused(model, two, Set.of()); // leaves the co-owner out
        assertHostDataRefused(model, Set.of(), two); // launched for one, says two
        assertHostDataRefused(model, two, Set.of(globex.ownerId(), STRANGER)); // one more
        assertHostDataRefused(model, two, Set.of(STRANGER));
    }

    private static void assertHostDataRefused(Model model, Set<Digest> launched, Set<Digest> said) {
        var node = new TestNode(model.owner());
        node.coOwners = said;
        byte[] nonce = node.nonce();
        var evidence =
                node.evidence(
                        TestNode.guestOf(NodeOwners.among(model.owner().ownerId(), launched)),
                        node.transcript(Role.RELEASE, model.version(), model.policies(), nonce));
        Refusal.of(() -> node.ask(node.request(model.version(), model.policies(), nonce, evidence)))
                .byRule("binding.host-data");
    }

    @Test
    void refusesAListThatWasSwappedAfterTheEvidence() {
        Model model = Model.of(acme, globex.ownerId());
        var node = node(acme, globex.ownerId());
        Refusal.of(() -> node.ask(node.request(model.version(), model.policies()).clearCoOwners()))
                .byRule("binding.report-data");
    }

    @Test
    void refusesASecondSpellingOfAList() {
        Model model = Model.of(acme, globex.ownerId(), STRANGER);
        var node = node(acme, globex.ownerId(), STRANGER);
        RequestLeaseRequest good = node.request(model.version(), model.policies()).build();
        List<ByteString> ids = good.getCoOwnersList();
        assertSpellingRefused(node, model, ids.reversed());
        assertSpellingRefused(node, model, List.of(ids.getFirst(), ids.getFirst()));
        assertSpellingRefused(node, model, List.of(ByteString.copyFrom(acme.ownerId().bytes())));
        assertMalformed(node, model, List.of(ids.getFirst().substring(1)));
        assertMalformed(node, model, Collections.nCopies(NodeOwners.MAX_OWNERS, ids.getFirst()));
    }

    private static void assertSpellingRefused(TestNode node, Model model, List<ByteString> ids) {
        Refusal.of(() -> ask(node, model, ids)).byRule("request.co-owners");
    }

    private static void assertMalformed(TestNode node, Model model, List<ByteString> ids) {
        Refusal.of(() -> ask(node, model, ids)).isFor(Reason.REQUEST_MALFORMED);
    }

    private static void ask(TestNode node, Model model, List<ByteString> ids) {
        node.ask(
                node.request(model.version(), model.policies())
                        .clearCoOwners()
                        .addAllCoOwners(ids));
    }

    @Test
    void aWithdrawnCoOwnerEndsTheLeaseAtItsRenewal() {
        Model model = Model.of(acme, globex.ownerId());
        var node = node(acme, globex.ownerId());
        lease(node, model);
        node.renew(node.renewal(model.version(), model.policies()));
        Policies alone = model.revised();
        Refusal.of(() -> node.renew(node.renewal(model.version(), alone)))
                .byRenewalRule("policy.co-owners");
        Refusal.of(() -> node.renew(node.renewal(model.version(), model.policies())))
                .byRenewalRule("policy.superseded");
    }

    @Test
    void aBootDoesNotGainACoOwnerAtItsRenewal() {
        Model model = Model.of(acme, globex.ownerId());
        var node = node(acme);
        lease(node, model);
        node.coOwners = Set.of(globex.ownerId());
        Refusal.of(() ->
                        node.renew(
                                node.renewal(
                                        model.version(),
                                        model.policies(),
                                        Role.RENEW,
                                        TestNode.guestOf(NodeOwners.alone(acme.ownerId())))))
                .byRenewalRule("binding.host-data");
    }

    @Test
    void onlyTheOwnersOwnPolicyCounts() {
        PolicyDocument naming =
                Model.naming(
                        acme.policy(Kind.RELEASE, "unsigned", 1, Optional.empty()),
                        globex.ownerId());
        Refusal.of(() -> globex.set(naming)).isFor(Reason.TENANT_DENIED);
        var signed =
                SetPolicyRequest.newBuilder()
                        .setDocument(ByteString.copyFrom(globex.sign(naming).encode()))
                        .build();
        Refusal.of(() -> acme.models().setPolicy(signed)).isFor(Reason.POLICY_NOT_AUTHENTIC);
    }
}
