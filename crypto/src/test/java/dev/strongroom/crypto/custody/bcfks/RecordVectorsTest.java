package dev.strongroom.crypto.custody.bcfks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.WrapBinding;
import dev.strongroom.crypto.custody.WrappedKey.AtRest;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.format.WrapFormat;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Records under a known key are, byte for byte, those that were written down. */
class RecordVectorsTest {
    private static final Properties VECTORS = new Properties();
    private static SoftwareMac mac;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in =
                RecordVectorsTest.class.getResourceAsStream("/record-vectors.properties")) {
            VECTORS.load(in);
        }
        mac = new SoftwareMac(new SecretKeySpec(vector("mac-key"), "HmacSHA256"));
    }

    private static byte[] vector(String name) {
        return HexFormat.of().parseHex(VECTORS.getProperty(name));
    }

    /** The key of one version: everything in it is its number, repeated. */
    private static AtRest.Wrapping wrapping(int number) {
        var model = ModelName.parse("acme/embedder");
        var binding =
                new WrapBinding(
                        model,
                        VersionId.of(filled(VersionId.BYTES, number)),
                        Digest.of(filled(Digest.BYTES, 0xee)),
                        Digest.of(filled(Digest.BYTES, number)));
        var kek =
                new KekInfo(
                        model.tenant(),
                        2,
                        KeyName.kek(model.tenant(), 2).id().hex(),
                        KekInfo.State.ACTIVE,
                        TrustLevel.SOFTWARE);
        return new AtRest.Wrapping(binding, kek, WrapFormat.RFC3394_KW, filled(40, number));
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void oneAlone() throws Exception {
        assertThat(AtRest.write(wrapping(1), mac).encoded()).isEqualTo(vector("alone"));
    }

    @Test
    void threeTogether() throws Exception {
        List<AtRest.Wrapping> three =
                IntStream.rangeClosed(1, 3).mapToObj(i -> wrapping(i)).toList();
        assertThat(AtRest.writeAll(three, mac).stream().map(AtRest::encoded).toList())
                .containsExactly(vector("together.0"), vector("together.1"), vector("together.2"));
    }

    @Test
    void readsThem() throws Exception {
        List<byte[]> records = List.of(vector("alone"), vector("together.2"));
        assertThat(AtRest.readAll(records, mac))
                .extracting(read -> read.orElseThrow().versionId())
                .containsExactly(
                        wrapping(1).binding().versionId(), wrapping(3).binding().versionId());
    }
}
