package dev.strongroom.attestation.guest;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** What a TPM, or who stands between, answers; error codes are left out, they only take time. */
class TpmResponseFuzz {
    static List<byte[]> seeds() {
        return List.of(
                HexFormat.of()
                        .parseHex("00000001" + "00000001000b03010000" + "00000001" + "0001aa"),
                HexFormat.of().parseHex("80000000" + "00000004" + "0002abcd" + "0000010000"));
    }

    @MethodSource("seeds")
    @Fuzzed
    void endsWhateverIsAnswered(byte[] input) throws Exception {
        byte[] response =
                ByteBuffer.allocate(10 + input.length)
                        .putShort((short) 0x8001)
                        .putInt(10 + input.length)
                        .putInt(0)
                        .put(input)
                        .array();
        Hostile.read(response, IOException.class, bytes -> client(bytes).registers());
        Hostile.read(response, IOException.class, bytes -> client(bytes).readNv(1, 4096));
        Hostile.read(response, IOException.class, bytes -> client(bytes).quote(1, new byte[32]));
        Hostile.read(
                response,
                IOException.class,
                bytes -> client(bytes).createPrimary(1, AkTemplate.ECC.bytes()));
    }

    private static TpmClient client(byte[] answer) {
        return new TpmClient(
                new TpmTransport() {
                    @Override
                    public byte[] exchange(byte[] command) {
                        return answer;
                    }

                    @Override
                    public void close() {}
                });
    }
}
