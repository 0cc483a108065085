package dev.strongroom.vault;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.ApproveRequest;
import dev.strongroom.proto.v1.RequestApprovalRequest;
import dev.strongroom.vault.approval.Roster;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Two people of whom one asks and the other agrees. */
final class TestApprovals {
    private final KeyPair asking = TestIdentity.newKey();
    private final KeyPair agreeing = TestIdentity.newKey();

    Roster roster() {
        return new Roster(1, new TreeMap<>(Map.of(id(asking), "alice", id(agreeing), "bob")));
    }

    /** The same in a vault's configuration. */
    String yaml() {
        return "approvals: {threshold: 1, approvers: [{name: alice, key: %s}, {name: bob, key: %s}]}"
                .formatted(id(asking).hex(), id(agreeing).hex());
    }

    private static Digest id(KeyPair key) {
        return P256.keyId(key.getPublic().getEncoded());
    }

    /** For an hour of the vault's clock. */
    void agree(TestVault vault, Change change, byte[] document) throws SignatureException {
        byte[] id = new byte[16];
        new SecureRandom().nextBytes(id);
        var asked =
                new ApprovalRequest(
                        change,
                        id(asking),
                        HexFormat.of().formatHex(id),
                        vault.clock.instant(),
                        vault.clock.instant().plus(Duration.ofHours(1)));
        var approvals = ApprovalsGrpc.newBlockingStub(vault.connected(vault.operator));
        var _ =
                approvals.requestApproval(
                        RequestApprovalRequest.newBuilder()
                                .setStatement(say(Word.REQUESTED, asking, asked))
                                .setDocument(ByteString.copyFrom(document))
                                .build());
        var _ =
                approvals.approve(
                        ApproveRequest.newBuilder()
                                .setStatement(say(Word.APPROVED, agreeing, asked))
                                .build());
    }

    private static ByteString say(Word word, KeyPair who, ApprovalRequest request)
            throws SignatureException {
        return ByteString.copyFrom(
                ApprovalStatement.sign(
                                word, request, P256.signer(who), who.getPublic().getEncoded())
                        .encode());
    }
}
