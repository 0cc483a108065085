package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.proto.v1.ListOwnKeysRequest;
import dev.strongroom.proto.v1.ListOwnKeysResponse;
import dev.strongroom.proto.v1.OwnKey;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.RetireOwnKeyRequest;
import dev.strongroom.proto.v1.RetireOwnKeyResponse;
import dev.strongroom.proto.v1.RotateOwnKeyRequest;
import dev.strongroom.proto.v1.RotateOwnKeyResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.ownkeys.OwnKeyDesk;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** {@code strongroom.v1.OwnKeys}: the vault's own keys, and their rotation. */
final class OwnKeysService extends OwnKeysGrpc.OwnKeysImplBase {
    private final OwnKeyDesk desk;

    OwnKeysService(OwnKeyDesk desk) {
        this.desk = desk;
    }

    @Override
    public void listOwnKeys(
            ListOwnKeysRequest request, StreamObserver<ListOwnKeysResponse> observer) {
        Answers.one(
                observer,
                () ->
                        ListOwnKeysResponse.newBuilder()
                                .addAllKeys(
                                        desk.list().stream().map(OwnKeysService::message).toList())
                                .build());
    }

    @Override
    public void rotateOwnKey(
            RotateOwnKeyRequest request, StreamObserver<RotateOwnKeyResponse> observer) {
        Answers.one(
                observer,
                () ->
                        RotateOwnKeyResponse.newBuilder()
                                .setVersion(desk.rotate(Principal.current(), key(request.getKey())))
                                .build());
    }

    @Override
    public void retireOwnKey(
            RetireOwnKeyRequest request, StreamObserver<RetireOwnKeyResponse> observer) {
        Answers.one(
                observer,
                () ->
                        message(
                                desk.retire(
                                        Principal.current(),
                                        Principal.currentIssuer(),
                                        key(request.getKey()))));
    }

    @Override
    public void planRetireOwnKey(
            RetireOwnKeyRequest request, StreamObserver<RetireOwnKeyResponse> observer) {
        Answers.one(
                observer,
                () -> message(desk.retirable(Principal.currentIssuer(), key(request.getKey()))));
    }

    private static RetireOwnKeyResponse message(Optional<Integer> retired) {
        return RetireOwnKeyResponse.newBuilder().setVersion(retired.orElse(0)).build();
    }

    private static SigningKey key(String label) throws RefusedException {
        try {
            return SigningKey.ofLabel(label);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED, "key: expected signing, ca or tls", e);
        }
    }

    private static OwnKey message(OwnKeyDesk.Version version) {
        return OwnKey.newBuilder()
                .setKey(version.key().label())
                .setVersion(version.version())
                .setState(version.use().name().toLowerCase(Locale.ROOT))
                .setKeyId(Messages.bytes(version.keyId().bytes()))
                .setSinceMillis(version.since().map(Instant::toEpochMilli).orElse(0L))
                .build();
    }
}
