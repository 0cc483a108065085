package dev.strongroom.crypto.custody.bcfks;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.importCiphertext;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.TestEnclave;
import dev.strongroom.crypto.custody.rules.KeyName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a heap dump of a vault without a token gives away: what the threat model says it does. */
@Tag("nightly")
@Tag("keys")
class HeapDumpTest {
    private static final int KEY_BYTES = 32;

    @TempDir private Path dir;

    @Test
    void holdsTheKeyEncryptionKeyAndNoDataKey() throws Exception {
        TestStore store = TestStore.in(dir);
        try (var custodian = store.initialise()) {
            custodian.createImportKey(ACME, 1);
            custodian.createKek(ACME, 1);
            byte[] dataKey = newDataKey();
            ByteBuffer dataKeyOutsideTheHeap = moved(dataKey.clone());
            byte[] ciphertext = importCiphertext(custodian, ACME, dataKey);
            Arrays.fill(dataKey, (byte) 0);
            var binding = newBinding(ACME);
            var stored = custodian.importWrapped(ciphertext, binding, 1, 1);
            custodian.releaseTo(stored, new TestEnclave(3072).attested(binding));

            try (FileChannel dump = dump()) {
                assertThat(holds(dump, dataKeyOutsideTheHeap)).as("data key").isFalse();
                assertThat(holds(dump, kek(store))).as("key-encryption key").isTrue();
            }
        }
    }

    /** Read from the file, into a heap of which no dump is taken any more. */
    private static ByteBuffer kek(TestStore store) throws Exception {
        try (StorePassword password = StorePassword.read(store.config().password())) {
            return moved(
                    new KeyStoreFile(store.file())
                            .load(password)
                            .secret(KeyName.kek(ACME, 1), Entries.AES)
                            .getEncoded());
        }
    }

    private static ByteBuffer moved(byte[] key) {
        ByteBuffer outside = ByteBuffer.allocateDirect(KEY_BYTES).put(key).flip();
        Arrays.fill(key, (byte) 0);
        return outside;
    }

    /** Of what a full collection leaves. */
    private FileChannel dump() throws Exception {
        Path file = dir.resolve("heap.hprof");
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(ProcessHandle.current().pid()),
                                "GC.heap_dump",
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(dir.resolve("jcmd.txt").toFile())
                        .start();
        assertThat(jcmd.waitFor()).isZero();
        return FileChannel.open(file);
    }

    private static boolean holds(FileChannel dump, ByteBuffer key) throws IOException {
        ByteBuffer content = dump.map(FileChannel.MapMode.READ_ONLY, 0, dump.size());
        byte first = key.get(0);
        for (int at = 0; at + KEY_BYTES <= content.limit(); at++) {
            if (content.get(at) == first && content.slice(at, KEY_BYTES).equals(key)) {
                return true;
            }
        }
        return false;
    }
}
