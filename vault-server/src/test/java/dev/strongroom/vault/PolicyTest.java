package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which policies the vault takes, and what those in force do to releases. */
class PolicyTest {
    private static final String RELEASES =
            "SELECT count(*) FROM audit_leaf WHERE instr(leaf, 'key.released') > 0";

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void acceptsPoliciesOnlyInOrder() {
        Policies first = owner.setPolicies("ordered");
        var repeated = owner.policy(Kind.RELEASE, "ordered", 1, Optional.empty());
        Refusal.of(() -> owner.set(repeated)).isFor(Reason.POLICY_CONFLICT);
        var begunAnew = owner.policy(Kind.RELEASE, "ordered", 2, Optional.empty());
        Refusal.of(() -> owner.set(begunAnew)).isFor(Reason.POLICY_CONFLICT);
        var broken = owner.policy(Kind.RELEASE, "ordered", 2, Optional.of(first.output()));
        Refusal.of(() -> owner.set(broken)).isFor(Reason.POLICY_CONFLICT);
        Digest later =
                owner.set(owner.policy(Kind.RELEASE, "ordered", 3, Optional.of(first.release())));
        var kept = owner.policy(Kind.RELEASE, "ordered", 2, Optional.of(first.release()));
        Refusal.of(() -> owner.set(kept)).isFor(Reason.POLICY_CONFLICT);
        owner.set(owner.policy(Kind.RELEASE, "ordered", 4, Optional.of(later)));
    }

    @Test
    void refusesAPolicyOfAnotherOwner() {
        var mallory = new TestOwner(vault, "acme", TestIdentity.newKey(), owner.identity);
        byte[] forged =
                mallory.sign(mallory.policy(Kind.RELEASE, "forged", 1, Optional.empty())).encode();
        Refusal.of(() ->
                        owner.models()
                                .setPolicy(
                                        SetPolicyRequest.newBuilder()
                                                .setDocument(ByteString.copyFrom(forged))
                                                .build()))
                .isFor(Reason.POLICY_NOT_AUTHENTIC);
    }

    @Test
    void refusesAReleasePolicyThatDoesNotParse() {
        PolicyDocument good = owner.policy(Kind.RELEASE, "loose", 1, Optional.empty());
        Refusal.of(() -> owner.set(TestOwner.saying(good, "{}"))).isFor(Reason.POLICY_MALFORMED);
    }

    @Test
    void aPolicyThatDemandsAnUnknownLevelIsNotSet() {
        Refusal.of(() -> owner.set(keptAt("odd", 1, Optional.empty(), "vaulted")))
                .isFor(Reason.POLICY_MALFORMED);
    }

    @Test
    void anOutputPolicyOutsideItsGrammarIsNotSet() {
        Refusal.of(() ->
                        owner.set(
                                TestOwner.saying(
                                        owner.policy(Kind.OUTPUT, "lax", 1, Optional.empty()),
                                        "{\"version\":1}")))
                .isFor(Reason.POLICY_MALFORMED);
    }

    @Test
    void aLeaseAllowsNoMoreInferencesThanTheOwnersOutputPolicyRows() throws Exception {
        Policies few = capped("capped", 7);
        Sealed sealed = owner.seal("capped", TestOwner.weights(100));
        owner.push(sealed);
        var node = new TestNode(owner);
        RequestLeaseResponse granted = node.ask(node.request(sealed, few));
        assertThat(
                        Lease.verify(
                                        Dsse.decode(granted.getLease().toByteArray()),
                                        node.vaultIdentity().signingSpki())
                                .maxInferences())
                .isEqualTo(7);

        Policies none = capped("closed", 0);
        Sealed closed = owner.seal("closed", TestOwner.weights(100));
        owner.push(closed);
        Refusal.of(() -> node.ask(node.request(closed, none))).byRule("policy.caps");
    }

    private static Policies capped(String model, long rowsPerLease) {
        String body =
                OutputPolicy.standard()
                        .canonical()
                        .replaceFirst("(\"caps\":.*\"rowsPerLease\":)[0-9]+", "$1" + rowsPerLease);
        return new Policies(
                owner.set(owner.policy(Kind.RELEASE, model, 1, Optional.empty())),
                owner.set(
                        TestOwner.saying(
                                owner.policy(Kind.OUTPUT, model, 1, Optional.empty()), body)));
    }

    @Test
    void releasesNoKeyThatIsKeptAtALowerLevelThanTheOwnerDemands() throws Exception {
        Sealed sealed = owner.seal("kept", TestOwner.weights(100));
        PolicyDocument first = keptAt("kept", 1, Optional.empty(), "soft-token");
        var policies = new Policies(owner.set(first), owner.setOutput("kept"));
        owner.push(sealed);
        var node = new TestNode(owner);
        node.ask(node.request(sealed, policies));

        PolicyDocument second = keptAt("kept", 2, Optional.of(policies.release()), "hsm");
        var higher = new Policies(owner.set(second), 2, policies.output());
        Refusal.of(() -> node.ask(node.request(sealed, higher))).byRule("policy.trust-level");
        Refusal.of(() -> node.renew(node.renewal(sealed, higher)))
                .byRenewalRule("policy.trust-level");
    }

    private static PolicyDocument keptAt(
            String model, long seq, Optional<Digest> previous, String level) {
        return TestOwner.demanding(
                owner.policy(Kind.RELEASE, model, seq, previous),
                "\"minTrustLevel\":\"" + level + "\"");
    }

    @Test
    void refusesOnceANewerPolicyForbidsTheNode() {
        Policies first = owner.setPolicies("strict");
        Sealed strict = owner.seal("strict", new byte[5]);
        owner.push(strict);
        var node = new TestNode(owner);
        node.ask(node.request(strict, first));
        PolicyDocument current =
                owner.policy(Kind.RELEASE, "strict", 2, Optional.of(first.release()));
        owner.set(TestOwner.saying(current, ChipPolicy.json(new byte[48])));
        Refusal.of(() -> node.ask(node.request(strict, first))).byRule("policy.superseded");
    }

    /** The owner's word counts from the moment the vault took it, not from the next request. */
    @Test
    void refusesAPolicySupersededBetweenAppraisalAndRelease() throws Exception {
        Policies first = owner.setPolicies("overtaken");
        Sealed model = owner.seal("overtaken", new byte[5]);
        owner.push(model);
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(model, first);
        PolicyDocument next =
                owner.policy(Kind.RELEASE, "overtaken", 2, Optional.of(first.release()));
        vault.clock.duringVerification(() -> owner.set(next));
        long released = vault.count(RELEASES);
        Refusal.of(() -> node.ask(request)).byRule("policy.superseded");
        assertThat(vault.count(RELEASES)).isEqualTo(released);
        Refusal.of(() -> node.ask(request)).byRule("nonce.unknown");
    }
}
