package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.vault.TestOwner.Sealed;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version larger than the heap passes through. */
class MemoryTest {
    private static final int TWICE_THE_HEAP = 96 << 20;
    private static final int MANY_TIMES_THE_HEAP = 320 << 20;

    @TempDir private Path dir;

    @Test
    void neverHoldsAnObject() throws Exception {
        passesThrough(TWICE_THE_HEAP);
    }

    @Tag("nightly")
    @Test
    void neverHoldsAnObjectManyTimesAsLarge() throws Exception {
        passesThrough(MANY_TIMES_THE_HEAP);
    }

    private void passesThrough(int plaintext) throws Exception {
        try (TestVault vault = TestVault.inItsOwnProcess(dir)) {
            vault.restartChild(0, "-Xmx48m");
            TestOwner owner = vault.tenant("acme");
            owner.setPolicies("large");
            Sealed version = owner.seal("large", new byte[plaintext]);
            assertThat(owner.push(version).getNumber()).isEqualTo(1);
            long fetched = 0;
            var parts =
                    owner.models()
                            .fetchObject(
                                    FetchObjectRequest.newBuilder()
                                            .setModel(version.model().toString())
                                            .setVersionId(version.idBytes())
                                            .build());
            while (parts.hasNext()) {
                fetched += parts.next().getChunk().size();
            }
            assertThat(fetched).isEqualTo(version.files().getFirst().length);
        }
    }
}
