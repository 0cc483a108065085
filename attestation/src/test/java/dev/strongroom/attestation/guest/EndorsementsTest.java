package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndorsementsTest {
    private static final byte[] NO_TABLE = {};

    @Test
    void takesEveryCertificateOfAPemFile(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("cert_chain.pem"), pem());
        assertThat(Endorsements.gather(NO_TABLE, folder))
                .hasSize(2)
                .allSatisfy(item -> assertThat(item.bytes()).startsWith(0x30, 0x82));
    }

    @Test
    void leavesAloneWhatIsNoCertificate(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("broken.pem"), pem().replace("MII", "XII"));
        Files.write(folder.resolve("long.der"), new byte[8 * 1024 + 1]);
        Files.writeString(folder.resolve("notes.txt"), "nothing");
        assertThat(Endorsements.gather(NO_TABLE, folder)).isEmpty();
    }

    @Test
    void needsNoFolder() throws Exception {
        assertThat(Endorsements.gather(NO_TABLE, Path.of("/nonexistent"))).isEmpty();
    }

    @Property
    void throwsNothingElseOnArbitraryTables(@ForAll byte[] table) throws IOException {
        try {
            Endorsements.gather(table, Path.of("/nonexistent"));
        } catch (GuestException e) {
            assertThat(e).hasMessageStartingWith("auxblob");
        }
    }

    private static String pem() throws IOException {
        try (InputStream in = EndorsementsTest.class.getResourceAsStream("two-certificates.pem")) {
            byte[] bytes = Objects.requireNonNull(in).readAllBytes();
            return new String(bytes, StandardCharsets.US_ASCII);
        }
    }
}
