package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.peer.VaultAuthorities;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.DecoysGrpc;
import dev.strongroom.proto.v1.GetConsistencyProofRequest;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A mutual TLS connection to a vault. What the vault answers is unverified; {@link #identify} gives
 * the keys to verify it with.
 *
 * <p>Calls fail with {@code StatusRuntimeException}. The caller closes it. Thread-safe.
 */
public final class VaultConnection implements AutoCloseable, ConsistencyProofs {
    private static final Duration CALL =
            Duration.ofSeconds(60); // a token call takes well under 1 s

    /** What a vault answers that does not have a log of the size asked for. */
    private static final Set<Status.Code> NO_SUCH_TREE =
            Set.of(
                    Status.Code.INVALID_ARGUMENT,
                    Status.Code.OUT_OF_RANGE,
                    Status.Code.NOT_FOUND,
                    Status.Code.FAILED_PRECONDITION);

    private final Profile profile;
    private final ManagedChannel channel;
    private final VaultAuthorities authorities;

    private VaultConnection(Profile profile, Channels.Pinned connection) {
        this.profile = profile;
        this.channel = connection.channel();
        this.authorities = connection.authorities();
    }

    /**
     * Connects on the first call.
     *
     * @param address {@code host:port}
     * @throws ClientException when the profile lacks its identity
     */
    public static VaultConnection open(Profile profile, String address)
            throws ClientException, IOException {
        return new VaultConnection(profile, Channels.open(profile, address));
    }

    public Profile profile() {
        return profile;
    }

    ApprovalsGrpc.ApprovalsBlockingStub approvals() {
        return ApprovalsGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    public ModelsGrpc.ModelsBlockingStub models() {
        return ModelsGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    /** For uploads, which take as long as they take. */
    ModelsGrpc.ModelsBlockingV2Stub uploads() {
        return ModelsGrpc.newBlockingV2Stub(channel);
    }

    /** For streams without a deadline. */
    public ModelsGrpc.ModelsBlockingStub downloads() {
        return ModelsGrpc.newBlockingStub(channel);
    }

    public KeysGrpc.KeysBlockingStub keys() {
        return KeysGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    public OwnKeysGrpc.OwnKeysBlockingStub ownKeys() {
        return OwnKeysGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    /** For what looks at every record and takes as long as there are. */
    public KeysGrpc.KeysBlockingStub rotations() {
        return KeysGrpc.newBlockingStub(channel);
    }

    public AuditGrpc.AuditBlockingStub audit() {
        return AuditGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    /** For listings of a whole log, which take as long as it is. */
    AuditGrpc.AuditBlockingStub listings() {
        return AuditGrpc.newBlockingStub(channel);
    }

    public ReleaseGrpc.ReleaseBlockingStub release() {
        return ReleaseGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    public DecoysGrpc.DecoysBlockingStub decoys() {
        return DecoysGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    public GuardsGrpc.GuardsBlockingStub guards() {
        return GuardsGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    public AdminGrpc.AdminBlockingStub admin() {
        return AdminGrpc.newBlockingStub(channel).withDeadlineAfter(CALL);
    }

    /**
     * Asks the vault for its keys and verifies them.
     *
     * @param pin fingerprint of the ceremony key, learnt out of band
     * @param anchors the roots this process believes; a vault that serves under others is refused
     * @throws ClientException when this is not the pinned vault, or it is of another world
     */
    public VaultIdentity identify(Digest pin, TrustAnchors anchors)
            throws ClientException, IOException {
        byte[] envelope =
                admin().getVaultIdentity(GetVaultIdentityRequest.getDefaultInstance())
                        .getVaultIdentity()
                        .toByteArray();
        VaultIdentity identity = new IdentityMemory(profile).latest(envelope, pin, anchors);
        requireAuthority(identity);
        new World(profile).stay(anchors.fingerprint());
        return identity;
    }

    @Override
    public List<Digest> between(long fromSize, long toSize) throws ClientException {
        var request =
                GetConsistencyProofRequest.newBuilder().setFromSize(fromSize).setToSize(toSize);
        try {
            return Proofs.path(audit().getConsistencyProof(request.build()).getPathList());
        } catch (StatusRuntimeException e) {
            if (NO_SUCH_TREE.contains(e.getStatus().getCode())) {
                throw new ClientException(
                        ClientException.Kind.VERIFICATION_FAILED,
                        "the vault cannot prove that its log of "
                                + toSize
                                + " leaves continues the one of "
                                + fromSize,
                        "keep the context folder as evidence and ask the vault's operator",
                        e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /**
     * Whoever answers here has a certificate of an authority that the ceremony key names, not of
     * any that happens to be in ca.pem. What the ceremony key names is in ca.pem from then on: the
     * next certificates may be of the newer one.
     */
    private void requireAuthority(VaultIdentity identity) throws ClientException, IOException {
        try {
            authorities.follow(identity);
        } catch (CertificateException e) {
            throw new ClientException(
                    ClientException.Kind.VERIFICATION_FAILED,
                    "the vault is not believed: " + e.getMessage(),
                    "somebody may answer in the vault's place; ask its operator, and create the"
                            + " identity again from the vault that the pin is of",
                    e);
        }
        byte[] named = Pem.ofCertificates(identity.caCertificates());
        if (!Arrays.equals(Files.readAllBytes(profile.certificateAuthority()), named)) {
            LocalFiles.replace(profile.certificateAuthority(), named);
        }
    }
}
