package dev.strongroom.vault.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.release.LeaseRequest;
import dev.strongroom.vault.release.RenewalRequest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Between messages on the wire and the vault's own types; sizes are checked here. */
final class Messages {
    private static final int MAX_KEM_SPKI_BYTES = 1024; // RSA-3072 takes 422
    private static final int MAX_TLS_SPKI_BYTES = 256; // P-256 takes 91
    private static final int MAX_CSR_BYTES = 4096;

    private Messages() {}

    static TenantName tenant(String name) throws RefusedException {
        try {
            return new TenantName(name);
        } catch (IllegalArgumentException e) {
            throw malformed("tenant: expected 1 to 63 of a-z, 0-9 and -");
        }
    }

    static ModelName model(String name) throws RefusedException {
        try {
            return ModelName.parse(name);
        } catch (IllegalArgumentException e) {
            throw malformed("model: expected tenant/name, each 1 to 63 of a-z, 0-9 and -");
        }
    }

    static VersionId version(ByteString id) throws RefusedException {
        return VersionId.of(fixed("version id", id, VersionId.BYTES));
    }

    static LeaseRequest leaseRequest(RequestLeaseRequest message) throws RefusedException {
        if (message.getLastCheckpointSize() < 0) {
            throw malformed("last checkpoint size: too large");
        }
        return new LeaseRequest(
                fixed("nonce", message.getNonce(), Transcript.NONCE_BYTES),
                fixed("node nonce", message.getNodeNonce(), Transcript.NONCE_BYTES),
                model(message.getModel()),
                version(message.getVersionId()),
                digest("manifest digest", message.getManifestDigest()),
                evidence(message.getEvidence()),
                limited("KEM key", message.getKemSpki(), MAX_KEM_SPKI_BYTES),
                tlsSpki(message.getTlsSpki()),
                limited("signing request", message.getTlsCsr(), MAX_CSR_BYTES),
                bootId(message.getBootId()),
                posture(message.getPosture()),
                coOwners(message.getCoOwnersList()),
                digest("release policy digest", message.getReleasePolicyDigest()),
                digest("output policy digest", message.getOutputPolicyDigest()),
                message.getLastCheckpointSize());
    }

    static RenewalRequest renewalRequest(RenewLeaseRequest message) throws RefusedException {
        if (message.getLastCheckpointSize() < 0) {
            throw malformed("last checkpoint size: too large");
        }
        return new RenewalRequest(
                fixed("nonce", message.getNonce(), Transcript.NONCE_BYTES),
                fixed("node nonce", message.getNodeNonce(), Transcript.NONCE_BYTES),
                model(message.getModel()),
                version(message.getVersionId()),
                digest("manifest digest", message.getManifestDigest()),
                evidence(message.getEvidence()),
                tlsSpki(message.getTlsSpki()),
                bootId(message.getBootId()),
                posture(message.getPosture()),
                coOwners(message.getCoOwnersList()),
                digest("release policy digest", message.getReleasePolicyDigest()),
                digest("output policy digest", message.getOutputPolicyDigest()),
                message.getLastCheckpointSize());
    }

    static byte[] bootId(ByteString bytes) throws RefusedException {
        return fixed("boot id", bytes, Transcript.BOOT_ID_BYTES);
    }

    static byte[] stream(ByteString bytes) throws RefusedException {
        return fixed("stream", bytes, Notice.STREAM_BYTES);
    }

    static byte[] tlsSpki(ByteString bytes) throws RefusedException {
        return limited("TLS key", bytes, MAX_TLS_SPKI_BYTES);
    }

    private static Evidence evidence(ByteString message) throws RefusedException {
        try {
            return Evidence.decode(message.toByteArray());
        } catch (MalformedEncodingException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Posture posture(int level) throws RefusedException {
        try {
            return Posture.ofLevel(level);
        } catch (IllegalArgumentException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    /** What order they are in is looked at where the owner is known. */
    private static List<Digest> coOwners(List<ByteString> ids) throws RefusedException {
        if (ids.size() >= NodeOwners.MAX_OWNERS) {
            throw malformed("co-owners: expected at most " + (NodeOwners.MAX_OWNERS - 1));
        }
        var coOwners = new ArrayList<Digest>();
        for (ByteString id : ids) {
            coOwners.add(digest("co-owner", id));
        }
        return coOwners;
    }

    static Digest digest(String field, ByteString bytes) throws RefusedException {
        return Digest.of(fixed(field, bytes, Digest.BYTES));
    }

    private static byte[] fixed(String field, ByteString bytes, int length)
            throws RefusedException {
        if (bytes.size() != length) {
            throw malformed(field + ": expected " + length + " bytes, got " + bytes.size());
        }
        return bytes.toByteArray();
    }

    /** A field that must be there and may not be longer than the limit. */
    static byte[] limited(String field, ByteString bytes, int max) throws RefusedException {
        if (bytes.isEmpty() || bytes.size() > max) {
            throw malformed(field + ": expected 1 to " + max + " bytes, got " + bytes.size());
        }
        return bytes.toByteArray();
    }

    static RefusedException malformed(String what) {
        return new RefusedException(Reason.REQUEST_MALFORMED, what);
    }

    static InclusionProof proof(AuditProof proof) {
        return InclusionProof.newBuilder()
                .setLeafIndex(proof.leafIndex())
                .setLeaf(bytes(proof.leaf()))
                .addAllPath(hashes(proof.path()))
                .setCheckpoint(proof.checkpoint().note())
                .build();
    }

    static List<ByteString> hashes(List<Digest> path) {
        return path.stream().map(hash -> bytes(hash.bytes())).toList();
    }

    static List<ByteString> chain(List<X509Certificate> certificates) {
        var chain = new ArrayList<ByteString>();
        for (X509Certificate certificate : certificates) {
            try {
                chain.add(bytes(certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("our own certificate does not encode", e);
            }
        }
        return chain;
    }

    /** Bytes that nobody changes any more, without a copy. */
    static ByteString bytes(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
