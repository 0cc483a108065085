package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.proto.v1.SetPolicyRequest;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Signs policies with the owner root and sets them at the vault, each following the revision in
 * force. Not thread-safe.
 */
public final class PolicyPublisher {
    private static final String EXAMPLE =
            "for example: {\"version\":1,\"minPosture\":\"base\",\"require\":{\"claim\":"
                    + "\"snp.measurement\",\"op\":\"eq\",\"value\":\"<96 hex digits>\"}}";

    private final VaultConnection vault;
    private final Digest pin;
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final SecureRandom random;

    public PolicyPublisher(
            VaultConnection vault,
            Digest pin,
            TrustAnchors anchors,
            InstantSource clock,
            SecureRandom random) {
        this.vault = vault;
        this.pin = pin;
        this.anchors = anchors;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Sets the next revision of a policy.
     *
     * @param body the rules; a release policy is checked against its grammar first
     * @return what is in force now, with its log entry verified
     */
    public PolicyReference set(
            PolicyReference.Kind kind, ModelName model, byte[] body, Duration valid)
            throws ClientException, IOException {
        if (kind == PolicyReference.Kind.RELEASE) {
            requireGrammar(body);
        }
        OwnerKey owner = OwnerKey.load(vault.profile());
        VaultIdentity identity = vault.identify(pin, anchors);
        Optional<VerifiedPolicy> current = inForce(kind, model, owner);
        Dsse signed = sign(document(kind, model, body, valid, current), owner);
        VerifiedPolicy policy =
                Checks.verified(
                        "the policy just signed",
                        "restore the owner key from one backup",
                        () -> PolicyDocument.verify(signed, owner.keyId(), owner.spki()));
        var response =
                vault.models()
                        .setPolicy(
                                SetPolicyRequest.newBuilder()
                                        .setDocument(ByteString.copyFrom(signed.encode()))
                                        .build());
        Proofs.ProvenLeaf leaf = Proofs.inclusion(response.getProof(), identity);
        Checks.require(
                LogLeaf.isSetting(leaf.record(), policy),
                "the log's leaf does not speak of this policy",
                "strongroom policy show " + model);
        new LogMemory(vault.profile())
                .accept(leaf.checkpoint(), LogMemory.Age.ANY, identity, vault);
        new PolicyMemory(vault.profile()).accept(policy);
        return policy.reference();
    }

    /** True when the vault has a policy of this kind for the model. */
    public boolean isSet(PolicyReference.Kind kind, ModelName model)
            throws ClientException, IOException {
        return inForce(kind, model, OwnerKey.load(vault.profile())).isPresent();
    }

    private Optional<VerifiedPolicy> inForce(
            PolicyReference.Kind kind, ModelName model, OwnerKey owner)
            throws ClientException, IOException {
        Policies policies = Policies.fetch(vault, model, owner.keyId(), owner.spki());
        return switch (kind) {
            case RELEASE -> policies.release();
            case OUTPUT -> policies.output();
        };
    }

    private PolicyDocument document(
            PolicyReference.Kind kind,
            ModelName model,
            byte[] body,
            Duration valid,
            Optional<VerifiedPolicy> current) {
        return new PolicyDocument(
                kind,
                model,
                current.map(policy -> policy.document().id()).orElseGet(this::newId),
                current.map(policy -> policy.document().seq() + 1).orElse(1L),
                current.map(policy -> policy.reference().digest()),
                clock.instant().plus(valid),
                body);
    }

    private String newId() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    private static Dsse sign(PolicyDocument document, OwnerKey owner) throws ClientException {
        try {
            return document.sign(owner);
        } catch (SignatureException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the owner root key cannot sign",
                    "restore owner.pem from a backup",
                    e);
        }
    }

    private static void requireGrammar(byte[] body) throws ClientException {
        try {
            ReleasePolicy.parse(body);
        } catch (PolicyFormatException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "the release policy is not accepted: " + e.getMessage(),
                    EXAMPLE,
                    e);
        }
    }
}
