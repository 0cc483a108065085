package dev.strongroom.enclave.reseal;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.ResealProof;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseException.Kind;
import dev.strongroom.enclave.lease.LeaseRequester.Released;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.proto.v1.CommitResealResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Puts a version under a new data key: seals it anew in this enclave, proves to the vault which key
 * signs the new seal, sends the ciphertext and has the vault swap the seals. Stopped anywhere, the
 * old seal stays in force and the work starts again.
 *
 * <p>For one run.
 */
public final class Resealing {
    /**
     * What is in force now.
     *
     * @param auditLeaf of the record that says so
     */
    public record Done(
            long versionNumber,
            int epoch,
            Digest manifestDigest,
            long sealedBytes,
            long auditLeaf) {}

    private final VaultLink vault;
    private final Digest pin;
    private final Guest guest;
    private final Fit fitness;
    private final InstantSource clock;
    private final SecureRandom random;

    /**
     * @param pin SHA-256 of the vault's ceremony key
     */
    public Resealing(
            VaultLink vault,
            Digest pin,
            Guest guest,
            Fit fitness,
            InstantSource clock,
            SecureRandom random) {
        this.vault = vault;
        this.pin = pin;
        this.guest = guest;
        this.fitness = fitness;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Runs, and zeroes the released key whatever comes of it.
     *
     * @param released checked lease of the version and its key
     * @param sealed its files, in the order of the manifest
     * @param folder empty, for the new ciphertext; the caller deletes it
     */
    public Done run(Released released, List<Path> sealed, Path folder)
            throws IOException, LeaseException, MemoryProtectionException {
        Grant grant = released.grant();
        try (var key = released.key()) {
            requireGranted(grant.manifest().content());
            ImportCertificate certificate = importCertificate(grant);
            NewSeal anew =
                    new Resealer(grant.manifest(), fitness, random)
                            .seal(sealed, key, certificate, folder);
            return send(grant, anew);
        }
    }

    /** The vault asks the same; this spares the work. */
    private static void requireGranted(ContentStatement content) throws LeaseException {
        if (content.resealBy().isEmpty()) {
            throw new LeaseException(
                    Kind.DENIED,
                    "the owner lets no node seal "
                            + content.model()
                            + " version "
                            + content.versionId()
                            + " anew; the owner pushes it again with --reseal-by, or pushes it"
                            + " again as it is");
        }
    }

    /** Nobody but the pinned vault's token can open what is encrypted to this key. */
    private ImportCertificate importCertificate(Grant grant) throws LeaseException {
        ContentStatement content = grant.manifest().content();
        byte[] envelope = vault.reseals().importCertificate(content.model().tenant());
        ImportCertificate certificate;
        try {
            certificate =
                    ImportCertificate.verify(
                            Dsse.decode(envelope),
                            grant.vault().ceremonySpki(),
                            pin,
                            clock.instant());
        } catch (SealedFormatException e) {
            throw new LeaseException(Kind.INTEGRITY, String.valueOf(e.getMessage()), e);
        }
        require(
                certificate.tenant().equals(content.model().tenant()),
                "import certificate: it is of tenant " + certificate.tenant());
        require(
                certificate.hash() == content.suite().oaepHash(),
                "import certificate: expected OAEP with "
                        + content.suite().oaepHash()
                        + ", the one of the version's suite");
        require(
                certificate.level().isAtLeast(grant.lease().trustLevel()),
                "import certificate: its token is of level "
                        + certificate.level()
                        + ", the version's key is at "
                        + grant.lease().trustLevel());
        return certificate;
    }

    private Done send(Grant grant, NewSeal anew) throws IOException, LeaseException {
        Manifest manifest = prove(grant, anew);
        List<Long> durable = vault.reseals().begin(manifest.encode());
        require(durable.size() == anew.files().size(), "the vault speaks of other files");
        ContentStatement content = grant.manifest().content();
        for (int i = 0; i < durable.size(); i++) {
            vault.reseals()
                    .upload(
                            content.model(),
                            content.versionId(),
                            i,
                            anew.files().get(i),
                            durable.get(i));
        }
        CommitResealResponse answer =
                vault.reseals()
                        .commit(
                                content.model(),
                                content.versionId(),
                                manifest.digest(),
                                anew.importCiphertext());
        require(
                answer.getNumber() == grant.lease().versionNumber(),
                "the vault answers for another version");
        return new Done(
                answer.getNumber(),
                anew.statement().epoch(),
                manifest.digest(),
                anew.statement().files().stream().mapToLong(file -> file.sealedBytes()).sum(),
                answer.getProof().getLeafIndex());
    }

    /** Signs the seal with a key that lives for it, and has this machine speak for the key. */
    private Manifest prove(Grant grant, NewSeal anew) throws LeaseException {
        KeyPair sealer = newKey();
        byte[] spki = sealer.getPublic().getEncoded();
        Manifest current = grant.manifest().manifest();
        try {
            var bare =
                    new Manifest(
                            current.ownerSpki(),
                            current.content(),
                            anew.statement().sign(P256.signer(sealer)));
            Lease lease = grant.lease();
            byte[] nonce = vault.nonce();
            var transcript =
                    ResealProof.transcript(
                            grant.manifest().content(),
                            bare.digest(),
                            spki,
                            nonce,
                            grant.vault().signingKeyId(),
                            grant.policies(),
                            fitness.level(),
                            lease.bootId());
            Evidence evidence = guest.evidence(transcript.reportData());
            var proof =
                    new ResealProof(
                            spki,
                            nonce,
                            grant.vault().signingKeyId(),
                            grant.policies(),
                            fitness.level(),
                            lease.bootId(),
                            evidence);
            return new Manifest(bare.ownerSpki(), bare.content(), bare.seal(), Optional.of(proof));
        } catch (GuestException e) {
            throw new LeaseException(
                    Kind.DENIED, "this machine gave no evidence: " + e.getMessage(), e);
        } catch (SignatureException e) {
            throw new IllegalStateException("a fresh P-256 key signs", e);
        } catch (IllegalArgumentException e) {
            throw new LeaseException(Kind.INTEGRITY, "challenge: " + e.getMessage(), e);
        }
    }

    private KeyPair newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    private static void require(boolean condition, String otherwise) throws LeaseException {
        if (!condition) {
            throw new LeaseException(Kind.INTEGRITY, otherwise);
        }
    }
}
