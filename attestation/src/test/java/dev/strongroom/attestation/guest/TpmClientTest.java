package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a TPM answers, a command ends, with a value or with an {@link IOException}. */
class TpmClientTest {
    private static final int RETRY = 0x922;

    /** Answers what it was told to. */
    private static final class Scripted implements TpmTransport {
        final Deque<byte[]> responses = new ArrayDeque<>();
        int commands;

        @Override
        public byte[] exchange(byte[] command) {
            commands++;
            return responses.size() == 1 ? responses.getFirst() : responses.removeFirst();
        }

        @Override
        public void close() {}
    }

    private final Scripted tpm = new Scripted();
    private final TpmClient client = new TpmClient(tpm);

    @ParameterizedTest
    @ValueSource(ints = {RETRY, 0x908, 0x90A, 0x902, 0x903, 0x904})
    void triesAgainWhatOnlyTheMomentForbids(int code) throws IOException {
        tpm.responses.add(response(code));
        tpm.responses.add(response(code));
        tpm.responses.add(response(0));
        client.flush(0x80000000);
        assertThat(tpm.commands).isEqualTo(3);
    }

    @Test
    void givesUpAfterEightAttempts() {
        tpm.responses.add(response(RETRY));
        assertThatThrownBy(() -> client.flush(0x80000000))
                .isInstanceOf(TpmException.class)
                .hasMessageContaining("FlushContext: TPM error 0x922");
        assertThat(tpm.commands).isEqualTo(8);
    }

    @Test
    void triesOtherErrorsOnce() {
        tpm.responses.add(response(0x18B));
        assertThatThrownBy(() -> client.flush(0x80000000)).isInstanceOf(TpmException.class);
        assertThat(tpm.commands).isEqualTo(1);
    }

    @Test
    void survivesEveryTruncation() {
        byte[] whole =
                response(0, new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 0, 0x0B, 3, 1, 0, 0, 0, 0, 0, 1});
        for (int length = 0; length < whole.length; length++) {
            tpm.responses.clear();
            byte[] cut = Arrays.copyOf(whole, length);
            if (length >= 6) {
                ByteBuffer.wrap(cut).putInt(2, length);
            }
            tpm.responses.add(cut);
            assertThatThrownBy(client::registers).isInstanceOf(IOException.class);
        }
    }

    @Test
    void doesNotReadRegistersForEver() {
        byte[] nothingRead =
                response(0, new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 0, 0x0B, 3, 0, 0, 0, 0, 0, 0, 0});
        tpm.responses.add(nothingRead);
        assertThatThrownBy(client::registers).isInstanceOf(IOException.class);
        assertThat(tpm.commands).isEqualTo(1);
    }

    @Test
    void refusesAnIndexThatIsTooLarge() {
        byte[] size60000 =
                response(
                        0,
                        new byte[] {
                            0, 14, 1, 0x40, 0, 1, 0, 0x0B, 0, 0, 0, 0, 0, 0, (byte) 0xEA, 0x60
                        });
        tpm.responses.add(size60000);
        assertThatThrownBy(() -> client.readNv(AzureGuest.HCL_REPORT_INDEX, 16 * 1024))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 16384 bytes");
    }

    private static byte[] response(int code, byte... body) {
        return ByteBuffer.allocate(10 + body.length)
                .putShort((short) 0x8001)
                .putInt(10 + body.length)
                .putInt(code)
                .put(body)
                .array();
    }
}
