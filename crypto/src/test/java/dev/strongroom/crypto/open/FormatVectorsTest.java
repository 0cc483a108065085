package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.keys.Derivation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** Holds the formats still: what was written once must be read for ever. */
class FormatVectorsTest {
    private final Properties vectors = load();

    @Test
    void readsTheRecordedVersion() throws Exception {
        VerifiedManifest verified = recorded();
        byte[] ikm = hex("ikm");
        assertThat(verified.digest().bytes()).isEqualTo(hex("manifest.digest"));
        assertThat(verified.identity().version()).isEqualTo(hex("identity.version"));
        assertThat(verified.fileIdentity(0)).isEqualTo(hex("identity.file"));
        assertThat(Derivation.commitment(ikm, verified.identity()))
                .isEqualTo(hex("commitment"))
                .isEqualTo(verified.seal().commitment());
        byte[] salt = Arrays.copyOfRange(hex("sealed"), 1, 33);
        assertThat(Derivation.fileKey(ikm, salt, hex("identity.file"))).isEqualTo(hex("file.key"));
        try (var key = new ContentKey(ikm, Derivation.digestRoot(ikm));
                Arena arena = Arena.ofConfined()) {
            byte[] sealed = hex("sealed");
            MemorySegment source =
                    arena.allocate(sealed.length).copyFrom(MemorySegment.ofArray(sealed));
            byte[] plaintext = hex("plaintext");
            MemorySegment opened = arena.allocate(plaintext.length);
            byte[] identity = verified.fileIdentity(0);
            Opener.open(source, plaintext.length, identity, key, opened, 1);
            assertThat(opened.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(plaintext);
            Opener.requireDigest(opened, verified.content().files().getFirst(), identity, key);
        }
    }

    @Test
    void derivesTheRecordedKeyOfASplitVersion() throws Exception {
        VerifiedManifest whole = recorded();
        var identity =
                new Identity(
                        Suite.split(OaepHash.SHA256),
                        whole.identity().ownerId(),
                        whole.identity().model(),
                        whole.identity().versionId());
        assertThat(identity.version()).isEqualTo(hex("split.identity"));
        assertThat(Derivation.splitKey(hex("split.first"), hex("split.second"), identity))
                .isEqualTo(hex("split.ikm"));
    }

    private VerifiedManifest recorded() throws Exception {
        Manifest manifest = Manifest.decode(hex("manifest"));
        return manifest.verify(P256.keyId(manifest.ownerSpki()));
    }

    private byte[] hex(String name) {
        return HexFormat.of().parseHex(Objects.requireNonNull(vectors.getProperty(name), name));
    }

    private static Properties load() {
        var properties = new Properties();
        try (InputStream in =
                FormatVectorsTest.class.getResourceAsStream("/format-vectors.properties")) {
            properties.load(Objects.requireNonNull(in));
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
