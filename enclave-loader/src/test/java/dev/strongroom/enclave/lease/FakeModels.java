package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.ModelsGrpc.ModelsImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** What a {@link FakeVault} shows of its vault.version. */
final class FakeModels extends ModelsImplBase {
    private final FakeVault vault;

    FakeModels(FakeVault vault) {
        this.vault = vault;
    }

    @Override
    public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> observer) {
        if (vault.refusal.isPresent()) {
            observer.onError(vault.refusal.get().asRuntimeException());
            return;
        }
        observer.onNext(vault.version());
        observer.onCompleted();
    }

    @Override
    public void listAliases(
            ListAliasesRequest request, StreamObserver<ListAliasesResponse> observer) {
        observer.onNext(vault.aliases);
        observer.onCompleted();
    }

    @Override
    public void fetchObject(
            FetchObjectRequest request, StreamObserver<FetchObjectResponse> observer) {
        vault.fetches++;
        byte[] file = vault.sealed.get(request.getFileIndex());
        vault.onFetch.send(vault, request.getOffset(), file, observer);
    }

    /** As far as the vault lets it. */
    static void sendAll(
            FakeVault vault,
            long offset,
            byte[] file,
            StreamObserver<FetchObjectResponse> observer) {
        int to = (int) Math.min(file.length, vault.fetchLimit);
        for (int at = (int) offset; at < to; at += 1000) {
            send(observer, file, at, Math.min(1000, to - at));
        }
        if (to < file.length) {
            observer.onError(Status.UNAVAILABLE.asRuntimeException());
        } else {
            observer.onCompleted();
        }
    }

    static void send(
            StreamObserver<FetchObjectResponse> observer, byte[] file, int at, int length) {
        observer.onNext(
                FetchObjectResponse.newBuilder()
                        .setChunk(ByteString.copyFrom(file, at, length))
                        .build());
    }
}
