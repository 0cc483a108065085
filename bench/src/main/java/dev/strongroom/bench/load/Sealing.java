package dev.strongroom.bench.load;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.seal.BareSecrets;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.enclave.load.VersionOnDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Seals files into a folder as a push would, for an owner who exists for this measurement. */
final class Sealing {
    private static final String MANIFEST = "manifest";
    private static final String OWNER = "owner-id";
    private static final String KEY = "key";
    private static final PolicyDemand NO_POLICY = new PolicyDemand("0".repeat(32), 1);

    private Sealing() {}

    /**
     * @param plain the graph first
     */
    static VersionOnDisk seal(List<Path> plain, Path folder) throws Exception {
        Files.createDirectories(folder);
        var random = new SecureRandom();
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair owner = generator.generateKeyPair();
        var signer = P256.signer(owner);
        var identity =
                new Identity(
                        Suite.AES256_GCM_HKDF_1MB_OAEP_SHA256,
                        signer.keyId(),
                        ModelName.parse("bench/load"),
                        VersionId.random(random));
        try (var secrets = VersionSecrets.generate(random)) {
            List<FileEntry> entries = new ArrayList<>();
            List<SealedEntry> sealed = new ArrayList<>();
            for (Path file : plain) {
                String name = String.valueOf(file.getFileName());
                byte[] place = identity.file(name, entries.size());
                SealedFile one = sealFile(file, folder.resolve(name), secrets, random, place);
                entries.add(one.contentEntry(name));
                sealed.add(one.entry());
            }
            var content =
                    new ContentStatement(
                                    identity.suite(),
                                    identity.ownerId(),
                                    identity.model(),
                                    identity.versionId(),
                                    Instant.now(),
                                    Preparation.ORT_EXTENDED,
                                    entries.getFirst().name(),
                                    entries,
                                    NO_POLICY,
                                    NO_POLICY,
                                    "",
                                    "",
                                    List.of())
                            .sign(signer);
            var seal =
                    SealStatement.first(
                                    Digest.sha256(content.payload()),
                                    Digest.sha256(),
                                    secrets.envelope(identity),
                                    secrets.commitment(identity),
                                    sealed)
                            .sign(signer);
            var manifest = new Manifest(owner.getPublic().getEncoded(), content, seal);
            Files.write(folder.resolve(MANIFEST), manifest.encode());
            Files.writeString(folder.resolve(OWNER), signer.keyId().hex());
            Files.writeString(
                    folder.resolve(KEY), HexFormat.of().formatHex(BareSecrets.contentKey(secrets)));
            return read(folder);
        }
    }

    static VersionOnDisk read(Path folder) throws Exception {
        var manifest =
                Manifest.decode(Files.readAllBytes(folder.resolve(MANIFEST)))
                        .verify(new Digest(Files.readString(folder.resolve(OWNER))));
        return new VersionOnDisk(
                manifest,
                manifest.content().files().stream()
                        .map(file -> folder.resolve(file.name()))
                        .toList(),
                HexFormat.of().parseHex(Files.readString(folder.resolve(KEY))));
    }

    private static SealedFile sealFile(
            Path plain, Path to, VersionSecrets secrets, SecureRandom random, byte[] place)
            throws IOException {
        try (var in = FileChannel.open(plain);
                var out =
                        FileChannel.open(
                                to,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE)) {
            return new Sealer(random).seal(in, out, secrets, place);
        }
    }
}
