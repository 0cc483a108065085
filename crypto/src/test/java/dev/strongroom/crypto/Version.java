package dev.strongroom.crypto;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One sealed and signed version, made the way the client makes it. */
public record Version(
        KeyPair owner, Manifest manifest, List<byte[]> sealed, byte[] wrappedToImportKey) {
    public static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    public static final PolicyDemand RELEASE_POLICY = new PolicyDemand("11".repeat(16), 1);
    public static final PolicyDemand OUTPUT_POLICY = new PolicyDemand("22".repeat(16), 1);

    /** Names the agent of split versions. */
    public static final Digest AGENT = Digest.sha256(new byte[] {7});

    private static final SecureRandom RANDOM = new SecureRandom();

    public static KeyPair p256() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Identity identity(KeyPair owner, OaepHash hash) {
        return new Identity(
                Suite.of(hash),
                P256.keyId(owner.getPublic().getEncoded()),
                ModelName.parse("acme/embedder"),
                VersionId.random(RANDOM));
    }

    /** Of a version whose content key takes the owner's part too. */
    public static Identity splitIdentity(KeyPair owner, OaepHash hash) {
        Identity whole = identity(owner, hash);
        return new Identity(Suite.split(hash), whole.ownerId(), whole.model(), whole.versionId());
    }

    public static ImportCertificate importCertificate(byte[] rsaSpki, OaepHash hash) {
        return new ImportCertificate(
                rsaSpki,
                new TenantName("acme"),
                "libsofthsm2.so",
                TrustLevel.SOFT_TOKEN,
                hash,
                NOW.plusSeconds(3600));
    }

    /** Seals the files under fresh secrets; T is wrapped straight to {@code rsaSpki}. */
    public static Version seal(
            KeyPair owner, Identity identity, byte[] rsaSpki, Map<String, byte[]> files) {
        try (var secrets = VersionSecrets.generate(RANDOM)) {
            return seal(owner, identity, rsaSpki, files, secrets);
        }
    }

    public static Version seal(
            KeyPair owner,
            Identity identity,
            byte[] rsaSpki,
            Map<String, byte[]> files,
            VersionSecrets secrets) {
        try {
            var sealed = new ArrayList<byte[]>();
            var contentEntries = new ArrayList<FileEntry>();
            var sealedEntries = new ArrayList<SealedEntry>();
            for (var file : files.entrySet()) {
                var out = new ByteArrayOutputStream();
                SealedFile result =
                        new Sealer(RANDOM)
                                .seal(
                                        Channels.newChannel(
                                                new ByteArrayInputStream(file.getValue())),
                                        Channels.newChannel(out),
                                        secrets,
                                        identity.file(file.getKey(), sealed.size()));
                sealed.add(out.toByteArray());
                contentEntries.add(result.contentEntry(file.getKey()));
                sealedEntries.add(result.entry());
            }
            var content = content(identity, contentEntries);
            byte[] wrapped =
                    secrets.wrapTo(importCertificate(rsaSpki, identity.suite().oaepHash()));
            var seal =
                    SealStatement.first(
                            Digest.sha256(content.encode()),
                            Digest.sha256(wrapped),
                            secrets.envelope(identity),
                            secrets.commitment(identity),
                            sealedEntries);
            StatementSigner signer = P256.signer(owner);
            var manifest =
                    new Manifest(
                            owner.getPublic().getEncoded(),
                            content.sign(signer),
                            seal.sign(signer));
            return new Version(owner, manifest, sealed, wrapped);
        } catch (IOException | SignatureException | SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    public static ContentStatement content(Identity identity, List<FileEntry> files) {
        return new ContentStatement(
                identity.suite(),
                identity.ownerId(),
                identity.model(),
                identity.versionId(),
                NOW,
                Preparation.ORT_EXTENDED,
                files.getFirst().name(),
                files,
                RELEASE_POLICY,
                OUTPUT_POLICY,
                "Apache-2.0",
                "made by a test",
                List.of(),
                identity.suite().isSplit() ? Optional.of(AGENT) : Optional.empty());
    }

    public Digest ownerId() {
        return P256.keyId(owner.getPublic().getEncoded());
    }

    public VerifiedManifest verified() {
        try {
            return manifest.verify(ownerId());
        } catch (SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }
}
