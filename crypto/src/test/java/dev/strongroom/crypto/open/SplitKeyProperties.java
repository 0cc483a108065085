package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.keys.Derivation;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** The content key of a split version, for any two parts. */
class SplitKeyProperties {
    private static final Identity SOME = Version.splitIdentity(Version.p256(), OaepHash.SHA256);

    @Property(tries = 200)
    void everyBitOfEitherPartAndOfTheIdentityCounts(
            @ForAll @Size(32) byte[] first,
            @ForAll @Size(32) byte[] second,
            @ForAll @Size(16) byte[] version) {
        Identity identity = identity(version);
        byte[] key = Derivation.splitKey(first, second, identity);
        int at = Byte.toUnsignedInt(first[0]) % 32;
        byte[] otherVersion = flipped(version, at % 16);
        assertThat(Derivation.splitKey(flipped(first, at), second, identity)).isNotEqualTo(key);
        assertThat(Derivation.splitKey(first, flipped(second, at), identity)).isNotEqualTo(key);
        assertThat(Derivation.splitKey(first, second, identity(otherVersion))).isNotEqualTo(key);
        assertThat(Derivation.splitKey(first, second, identity)).isEqualTo(key);
    }

    private static Identity identity(byte[] version) {
        return new Identity(SOME.suite(), SOME.ownerId(), SOME.model(), VersionId.of(version));
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= 1;
        return flipped;
    }
}
