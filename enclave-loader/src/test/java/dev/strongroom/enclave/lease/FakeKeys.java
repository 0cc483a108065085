package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetImportCertificateResponse;
import dev.strongroom.proto.v1.KeysGrpc.KeysImplBase;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.security.SignatureException;

/** The import key of a {@link FakeVault}. */
final class FakeKeys extends KeysImplBase {
    private final FakeVault vault;

    FakeKeys(FakeVault vault) {
        this.vault = vault;
    }

    @Override
    public void getImportCertificate(
            GetImportCertificateRequest request,
            StreamObserver<GetImportCertificateResponse> observer) {
        var certificate =
                vault.onImport.apply(
                        new ImportCertificate(
                                vault.importKey.getPublic().getEncoded(),
                                FakeVault.MODEL.tenant(),
                                "fake",
                                TrustLevel.HSM,
                                OaepHash.SHA256,
                                FakeVault.NOW.plusSeconds(60)));
        try {
            observer.onNext(
                    GetImportCertificateResponse.newBuilder()
                            .setCertificate(
                                    ByteString.copyFrom(
                                            certificate
                                                    .sign(P256.signer(vault.importSigner))
                                                    .encode()))
                            .build());
            observer.onCompleted();
        } catch (SignatureException e) {
            observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
        }
    }
}
