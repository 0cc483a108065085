package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.ModelPublisher;
import dev.strongroom.client.Progress;
import dev.strongroom.client.PushRequest;
import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.client.Pushed;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.FileHeader;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.keys.Derivation;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.testkit.hunt.KeyNeedles;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The secrets of one version, decided before it is pushed through the client's API: T, the content
 * key, and after the push what is derived from it.
 */
final class KnownSecrets {
    private final String name;
    private final byte[] wrappingKey = new byte[Derivation.KEY_BYTES];
    private final byte[] contentKey = new byte[Derivation.KEY_BYTES];
    private final Map<String, byte[]> derived = new LinkedHashMap<>();

    KnownSecrets(String name, SecureRandom random) {
        this.name = name;
        random.nextBytes(wrappingKey);
        random.nextBytes(contentKey);
    }

    /** Pushes a model under these secrets. */
    Pushed push(Deployment world, VaultConnection owner, ModelName model, Path file, Preparing how)
            throws ClientException, IOException, InterruptedException {
        var random = new PlannedRandom(List.of(wrappingKey, contentKey));
        var publisher =
                new ModelPublisher(
                        owner,
                        world.pin(),
                        world.anchors(),
                        InstantSource.system(),
                        random,
                        Progress.SILENT);
        Pushed pushed =
                publisher.push(new PushRequest(model, file, how, TrustLevel.SOFTWARE, "", ""));
        derive(manifest(world, owner, pushed), random.drawn(FileHeader.BYTES - 1));
        return pushed;
    }

    private static VerifiedManifest manifest(
            Deployment world, VaultConnection owner, Pushed pushed) {
        var version =
                VersionReference.newBuilder()
                        .setModel(pushed.model().toString())
                        .setNumber(pushed.number());
        byte[] encoded =
                owner.models()
                        .getVersion(GetVersionRequest.newBuilder().setVersion(version).build())
                        .getManifest()
                        .toByteArray();
        try {
            return Manifest.decode(encoded)
                    .verify(world.tenant(pushed.model().tenant().value()).ownerId());
        } catch (Exception e) {
            throw new AssertionError("the version just pushed", e);
        }
    }

    /** Also proves that these are the secrets that the version was really sealed under. */
    private void derive(VerifiedManifest manifest, List<byte[]> saltsAndPrefixes) {
        assertThat(Derivation.commitment(contentKey, manifest.identity()))
                .as("%s is the content key of the version", name)
                .isEqualTo(manifest.seal().commitment());
        List<FileEntry> files = manifest.content().files();
        assertThat(saltsAndPrefixes).as("one header drawn for each file").hasSameSizeAs(files);
        for (int i = 0; i < files.size(); i++) {
            byte[] place = manifest.identity().file(files.get(i).name(), i);
            byte[] salt = Arrays.copyOf(saltsAndPrefixes.get(i), FileHeader.SALT_BYTES);
            derived.put("file key " + i, Derivation.fileKey(contentKey, salt, place));
            derived.put(
                    "digest key " + i,
                    Derivation.plaintextDigestKey(Derivation.digestRoot(contentKey), place));
        }
    }

    /** Adds every shape of every secret known so far. */
    void addTo(Needles.Builder needles) {
        KeyNeedles.add(needles, name + " T", wrappingKey);
        KeyNeedles.add(needles, name + " IKM", contentKey);
        derived.forEach((what, key) -> KeyNeedles.add(needles, name + " " + what, key));
    }
}
