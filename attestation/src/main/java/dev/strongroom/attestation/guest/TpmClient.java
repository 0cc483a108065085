package dev.strongroom.attestation.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The few commands of a TPM 2.0 that evidence takes (Part 3). Closing it closes the transport.
 *
 * <p>Not thread-safe.
 */
final class TpmClient implements AutoCloseable {
    static final int TPM_RH_OWNER = 0x40000001;
    static final int TPM_RH_ENDORSEMENT = 0x4000000B;
    static final int REGISTERS = 24;

    private static final int CC_CREATE_PRIMARY = 0x131;
    private static final int CC_NV_READ = 0x14E;
    private static final int CC_QUOTE = 0x158;
    private static final int CC_FLUSH_CONTEXT = 0x165;
    private static final int CC_NV_READ_PUBLIC = 0x169;
    private static final int CC_PCR_READ = 0x17E;

    private static final int TPM_ALG_SHA256 = 0x000B;
    private static final int TPM_ALG_NULL = 0x0010;
    private static final int TPM_RC_OBJECT_MEMORY = 0x902;

    /** Yielded, testing, retry, and what another program may still give back. */
    private static final Set<Integer> WORTH_ANOTHER_TRY =
            Set.of(0x908, 0x90A, 0x922, TPM_RC_OBJECT_MEMORY, 0x903, 0x904);

    private static final int ATTEMPTS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5); // doubles: 0.6 s in all
    private static final int NV_CHUNK_BYTES = 512; // every TPM reads that much at once
    private static final int BITMAP_BYTES = REGISTERS / Byte.SIZE;

    private final TpmTransport transport;

    TpmClient(TpmTransport transport) {
        this.transport = transport;
    }

    /**
     * A key that was loaded.
     *
     * @param publicArea TPMT_PUBLIC
     */
    record LoadedKey(int handle, byte[] publicArea) {}

    /**
     * A quote.
     *
     * @param attest TPMS_ATTEST
     * @param signature TPMT_SIGNATURE
     */
    record Quote(byte[] attest, byte[] signature) {}

    /** Makes the key that a template leads to in a hierarchy: the same one each time. */
    LoadedKey createPrimary(int hierarchy, byte[] template) throws IOException {
        TpmResponse response =
                run(
                        "CreatePrimary",
                        TpmCommand.authorized(CC_CREATE_PRIMARY, hierarchy)
                                .sized(new byte[2 * Short.BYTES]) // no password, no data
                                .sized(template)
                                .sized() // outside info
                                .u32(0)); // creation PCRs
        int handle = response.u32();
        return new LoadedKey(handle, response.parameters().sized());
    }

    /** Unloads a key. */
    void flush(int handle) throws IOException {
        run("FlushContext", TpmCommand.open(CC_FLUSH_CONTEXT).u32(handle));
    }

    /** Has a key sign all registers of the SHA-256 bank with its own scheme. */
    Quote quote(int key, byte[] qualifyingData) throws IOException {
        TpmResponse response =
                run(
                                "Quote",
                                TpmCommand.authorized(CC_QUOTE, key)
                                        .sized(qualifyingData)
                                        .u16(TPM_ALG_NULL)
                                        .bytes(selection(-1)))
                        .parameters();
        return new Quote(response.sized(), response.rest());
    }

    /** The values of all registers of the SHA-256 bank, ascending. */
    byte[] registers() throws IOException {
        var values = new ByteArrayOutputStream();
        int missing = (1 << REGISTERS) - 1;
        while (missing != 0) {
            TpmResponse response =
                    run("PCR_Read", TpmCommand.open(CC_PCR_READ).bytes(selection(missing)));
            response.u32(); // update counter
            int read = readSelection(response);
            int count = response.u32();
            if (read == 0 || (read & ~missing) != 0 || count != Integer.bitCount(read)) {
                throw new IOException("PCR_Read: expected registers of the SHA-256 bank");
            }
            for (int i = 0; i < count; i++) {
                values.writeBytes(response.sized());
            }
            missing &= ~read;
        }
        return values.toByteArray();
    }

    /** Reads a whole NV index with the owner's empty password. */
    byte[] readNv(int index, int maxBytes) throws IOException {
        int bytes = nvSize(index);
        if (bytes > maxBytes) {
            throw new IOException("NV index: at most %d bytes, got %d".formatted(maxBytes, bytes));
        }
        var content = new ByteArrayOutputStream();
        while (content.size() < bytes) {
            int chunk = Math.min(NV_CHUNK_BYTES, bytes - content.size());
            byte[] read =
                    run(
                                    "NV_Read",
                                    TpmCommand.authorized(CC_NV_READ, TPM_RH_OWNER, index)
                                            .u16(chunk)
                                            .u16(content.size()))
                            .parameters()
                            .sized();
            if (read.length != chunk) {
                throw new IOException("NV_Read: expected " + chunk + " bytes");
            }
            content.writeBytes(read);
        }
        return content.toByteArray();
    }

    private int nvSize(int index) throws IOException {
        TpmResponse response = run("NV_ReadPublic", TpmCommand.open(CC_NV_READ_PUBLIC, index));
        response.u16(); // size of what follows
        response.u32(); // index
        response.u16(); // name algorithm
        response.u32(); // attributes
        response.sized(); // policy
        return response.u16();
    }

    /** Runs a command; what only the moment forbids is tried again for a while. */
    TpmResponse run(String name, TpmCommand command) throws IOException {
        byte[] bytes = command.toByteArray();
        long pause = FIRST_PAUSE.toNanos();
        for (int attempt = 1; ; attempt++) {
            var response = new TpmResponse(transport.exchange(bytes));
            if (response.code() == 0) {
                return response;
            }
            if (attempt == ATTEMPTS || !WORTH_ANOTHER_TRY.contains(response.code())) {
                throw new TpmException(name, response.code());
            }
            LockSupport.parkNanos(pause);
            pause *= 2;
        }
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }

    /** TPML_PCR_SELECTION of one bank. */
    private static byte[] selection(int bitmap) {
        return new byte[] {
            0,
            0,
            0,
            1,
            0,
            TPM_ALG_SHA256,
            BITMAP_BYTES,
            (byte) bitmap,
            (byte) (bitmap >>> 8),
            (byte) (bitmap >>> 16)
        };
    }

    private static int readSelection(TpmResponse response) throws IOException {
        byte[] header = response.bytes(Integer.BYTES + Short.BYTES + Byte.BYTES);
        if (header[3] != 1 || header[5] != TPM_ALG_SHA256 || header[6] != BITMAP_BYTES) {
            throw new IOException("PCR_Read: expected the SHA-256 bank, which this TPM lacks");
        }
        byte[] bitmap = response.bytes(BITMAP_BYTES);
        return (bitmap[0] & 0xff) | ((bitmap[1] & 0xff) << 8) | ((bitmap[2] & 0xff) << 16);
    }
}
