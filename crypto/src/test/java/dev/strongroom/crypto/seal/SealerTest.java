package dev.strongroom.crypto.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SegmentGeometry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealerTest {
    private static final byte[] AAD = "identity".getBytes(StandardCharsets.UTF_8);

    private final VersionSecrets secrets = VersionSecrets.generate(new SecureRandom());

    @AfterEach
    void close() {
        secrets.close();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 2, 1048519, 1048520, 1048521, 1048559, 1048560, 1048561, 2097079, 2097080,
                2097081
            })
    void tinkOpensWhatWeSeal(int size) throws IOException {
        byte[] plaintext = plaintext(size);
        var out = new ByteArrayOutputStream();
        SealedFile file = seal(Channels.newChannel(new ByteArrayInputStream(plaintext)), out);

        byte[] sealed = out.toByteArray();
        assertThat(TinkStreaming.open(TestSecrets.contentKey(secrets), sealed, AAD))
                .isEqualTo(plaintext);
        assertThat(file.plaintextBytes()).isEqualTo(size);
        assertThat(file.entry().sealedBytes())
                .isEqualTo(sealed.length)
                .isEqualTo(new SegmentGeometry(size).sealedBytes());
        assertThat(file.entry().digest()).isEqualTo(Digest.sha256(sealed));
    }

    @Test
    void digestsPlaintextUnderAKeyDerivedFromTheContentKey() throws Exception {
        byte[] plaintext = plaintext(3_000_000);
        var in = Channels.newChannel(new ByteArrayInputStream(plaintext));
        SealedFile file = seal(in, new ByteArrayOutputStream());

        byte[] label = "strongroom/plaintext-digest/v1".getBytes(StandardCharsets.US_ASCII);
        byte[] info = Arrays.copyOf(label, label.length + AAD.length);
        System.arraycopy(AAD, 0, info, label.length, AAD.length);
        var key =
                KDF.getInstance("HKDF-SHA256")
                        .deriveKey(
                                "HmacSHA256",
                                HKDFParameterSpec.ofExtract()
                                        .addIKM(TestSecrets.contentKey(secrets))
                                        .thenExpand(info, 32));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getEncoded(), "HmacSHA256"));
        assertThat(file.keyedDigest()).isEqualTo(mac.doFinal(plaintext));
    }

    @Test
    void sealsTheSameFromAChannelThatGivesAByteAtATime() throws IOException {
        byte[] plaintext = plaintext(5000);
        var out = new ByteArrayOutputStream();
        seal(new Trickle(ByteBuffer.wrap(plaintext)), out);
        assertThat(TinkStreaming.open(TestSecrets.contentKey(secrets), out.toByteArray(), AAD))
                .isEqualTo(plaintext);
    }

    @Test
    void neverUsesASaltTwice() throws IOException {
        byte[] plaintext = plaintext(100);
        var first = new ByteArrayOutputStream();
        var second = new ByteArrayOutputStream();
        seal(Channels.newChannel(new ByteArrayInputStream(plaintext)), first);
        seal(Channels.newChannel(new ByteArrayInputStream(plaintext)), second);
        assertThat(Arrays.copyOf(first.toByteArray(), 33))
                .isNotEqualTo(Arrays.copyOf(second.toByteArray(), 33));
    }

    @Test
    void refusesClosedSecrets() {
        secrets.close();
        var in = Channels.newChannel(new ByteArrayInputStream(new byte[1]));
        assertThatThrownBy(() -> seal(in, new ByteArrayOutputStream()))
                .isInstanceOf(IllegalStateException.class);
    }

    private SealedFile seal(ReadableByteChannel in, ByteArrayOutputStream out) throws IOException {
        return new Sealer(new SecureRandom()).seal(in, Channels.newChannel(out), secrets, AAD);
    }

    private static byte[] plaintext(int size) {
        byte[] plaintext = new byte[size];
        new Random(size).nextBytes(plaintext);
        return plaintext;
    }

    private record Trickle(ByteBuffer bytes) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            target.put(bytes.get());
            return 1;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
