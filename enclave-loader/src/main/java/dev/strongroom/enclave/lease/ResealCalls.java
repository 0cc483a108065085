package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.BeginResealRequest;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.CommitResealResponse;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.UploadObjectRequest;
import io.grpc.StatusException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How a node that seals a version anew brings the new seal to the vault. Believes nothing: callers
 * verify.
 *
 * <p>Thread-safe.
 */
public final class ResealCalls {
    private final VaultCalls calls;

    ResealCalls(VaultCalls calls) {
        this.calls = calls;
    }

    /** DSSE envelope of the tenant's import certificate; not verified. */
    public byte[] importCertificate(TenantName tenant) throws LeaseException {
        return calls.answered(() ->
                calls.keys()
                        .getImportCertificate(
                                GetImportCertificateRequest.newBuilder()
                                        .setTenant(tenant.value())
                                        .build())
                        .getCertificate()
                        .toByteArray());
    }

    /**
     * Announces a new seal.
     *
     * @return bytes of each file that the vault has
     */
    public List<Long> begin(byte[] manifest) throws LeaseException {
        return calls.answered(() ->
                calls.release()
                        .beginReseal(
                                BeginResealRequest.newBuilder()
                                        .setManifest(ByteString.copyFrom(manifest))
                                        .build())
                        .getDurableBytesList());
    }

    /** Sends one file of a new seal, from an offset to the end. */
    public void upload(ModelName model, VersionId version, int fileIndex, Path file, long offset)
            throws LeaseException, IOException {
        try {
            new ResealUpload(ReleaseGrpc.newBlockingV2Stub(calls.channel()).uploadResealed(), file)
                    .send(
                            UploadObjectRequest.Header.newBuilder()
                                    .setModel(model.toString())
                                    .setVersionId(ByteString.copyFrom(version.bytes()))
                                    .setFileIndex(fileIndex)
                                    .setOffset(offset)
                                    .build());
        } catch (StatusException e) {
            throw calls.refused(e.getStatus().asRuntimeException(e.getTrailers()));
        }
    }

    /** Has the vault put a complete new seal in force. */
    public CommitResealResponse commit(
            ModelName model, VersionId version, Digest manifest, byte[] importCiphertext)
            throws LeaseException {
        return calls.answered(() ->
                calls.release()
                        .commitReseal(
                                CommitResealRequest.newBuilder()
                                        .setModel(model.toString())
                                        .setVersionId(ByteString.copyFrom(version.bytes()))
                                        .setManifestDigest(ByteString.copyFrom(manifest.bytes()))
                                        .setImportCiphertext(ByteString.copyFrom(importCiphertext))
                                        .build()));
    }
}
