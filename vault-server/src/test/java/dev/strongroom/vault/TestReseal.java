package dev.strongroom.vault;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.ResealProof;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.proto.v1.BeginResealRequest;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.CommitResealResponse;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A node that seals a version anew, by hand: every part can be bent. */
final class TestReseal {
    final TestNode node;
    final KeyPair sealer = TestIdentity.newKey();
    ChipConfig guest;
    Role role = Role.RESEAL;
    int epochs = 1;
    Optional<Digest> previous = Optional.empty();
    Optional<Digest> importDigest = Optional.empty();
    Optional<byte[]> nonce = Optional.empty();

    TestReseal(TestNode node) {
        this.node = node;
        this.guest = node.guest();
    }

    /** A complete new seal of a version whose plaintext the test knows. */
    Sealed seal(Sealed current, Policies policies, byte[]... plaintexts) {
        try (var secrets = VersionSecrets.renew(TestOwner.RANDOM, new byte[32])) {
            VerifiedManifest old =
                    current.manifest()
                            .verify(
                                    node.owner.ownerId(),
                                    new EvidenceVerifier(node.vault.anchors(), node.vault.clock));
            List<byte[]> files = new ArrayList<>();
            List<SealedEntry> entries = new ArrayList<>();
            for (int i = 0; i < plaintexts.length; i++) {
                var out = new ByteArrayOutputStream();
                entries.add(
                        new Sealer(TestOwner.RANDOM)
                                .seal(
                                        Channels.newChannel(
                                                new ByteArrayInputStream(plaintexts[i])),
                                        Channels.newChannel(out),
                                        secrets,
                                        old.fileIdentity(i))
                                .entry());
                files.add(out.toByteArray());
            }
            byte[] importCiphertext = secrets.wrapTo(node.owner.importCertificate());
            var seal =
                    new SealStatement(
                            old.seal().epoch() + epochs,
                            Optional.of(previous.orElse(old.digest())),
                            old.seal().contentDigest(),
                            importDigest.orElse(Digest.sha256(importCiphertext)),
                            secrets.envelope(old.identity()),
                            secrets.commitment(old.identity()),
                            entries);
            var bare =
                    new Manifest(
                            current.manifest().ownerSpki(),
                            current.manifest().content(),
                            seal.sign(P256.signer(sealer)));
            return new Sealed(
                    current.model(),
                    current.id(),
                    prove(bare, current, policies),
                    files,
                    importCiphertext);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Manifest prove(Manifest bare, Sealed current, Policies policies) {
        var version = new Sealed(current.model(), current.id(), bare, List.of(), new byte[0]);
        Transcript lent = node.transcript(role, version, policies, nonce.orElseGet(node::nonce));
        var spoken =
                new Transcript(
                        role,
                        lent.nonce(),
                        lent.kemSpki(),
                        sealer.getPublic().getEncoded(),
                        lent.vaultKeyId(),
                        lent.owners(),
                        lent.tenant(),
                        lent.manifestDigest(),
                        lent.policies(),
                        lent.posture(),
                        lent.bootId());
        var proof =
                new ResealProof(
                        sealer.getPublic().getEncoded(),
                        spoken.nonce(),
                        spoken.vaultKeyId(),
                        spoken.policies(),
                        spoken.posture(),
                        spoken.bootId(),
                        node.evidence(guest, spoken));
        return new Manifest(bare.ownerSpki(), bare.content(), bare.seal(), Optional.of(proof));
    }

    List<Long> begin(Sealed next) {
        return node.release()
                .beginReseal(
                        BeginResealRequest.newBuilder()
                                .setManifest(ByteString.copyFrom(next.manifest().encode()))
                                .build())
                .getDurableBytesList();
    }

    void upload(Sealed next) {
        List<Long> durable = begin(next);
        for (int i = 0; i < durable.size(); i++) {
            int from = durable.get(i).intValue();
            byte[] bytes = next.files().get(i);
            if (from < bytes.length) {
                send(next, i, from, bytes);
            }
        }
    }

    private void send(Sealed next, int file, int from, byte[] bytes) {
        var answer = new TestOwner.Uploaded();
        var call = ReleaseGrpc.newStub(node.vault.connect(node.identity)).uploadResealed(answer);
        call.onNext(
                UploadObjectRequest.newBuilder()
                        .setHeader(
                                UploadObjectRequest.Header.newBuilder()
                                        .setModel(next.model().toString())
                                        .setVersionId(next.idBytes())
                                        .setFileIndex(file)
                                        .setOffset(from))
                        .build());
        for (int at = from; at < bytes.length; at += 1 << 20) {
            int length = Math.min(1 << 20, bytes.length - at);
            call.onNext(
                    UploadObjectRequest.newBuilder()
                            .setChunk(ByteString.copyFrom(bytes, at, length))
                            .build());
        }
        call.onCompleted();
        answer.join();
    }

    CommitResealResponse commit(Sealed next) {
        return commit(next, next.importCiphertext());
    }

    CommitResealResponse commit(Sealed next, byte[] importCiphertext) {
        return commit(node.release(), next, importCiphertext);
    }

    /** Over a connection made before. */
    static CommitResealResponse commit(
            ReleaseGrpc.ReleaseBlockingStub vault, Sealed next, byte[] importCiphertext) {
        return vault.commitReseal(
                CommitResealRequest.newBuilder()
                        .setModel(next.model().toString())
                        .setVersionId(next.idBytes())
                        .setManifestDigest(ByteString.copyFrom(next.manifest().digest().bytes()))
                        .setImportCiphertext(ByteString.copyFrom(importCiphertext))
                        .build());
    }

    CommitResealResponse push(Sealed next) {
        upload(next);
        return commit(next);
    }
}
