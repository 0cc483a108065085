package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                .allSatisfy(der -> assertThat(der).startsWith(0x30, 0x82));
    }

    @Test
    void refusesBrokenPem(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("cert_chain.pem"), pem().replace("MII", "XII"));
        assertThatThrownBy(() -> Endorsements.gather(NO_TABLE, folder))
                .isInstanceOf(GuestException.class)
                .hasMessageEndingWith("expected X.509 certificates, PEM");
    }

    @Test
    void refusesFilesOverTheLimit(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("vcek.der"), new byte[8 * 1024 + 1]);
        assertThatThrownBy(() -> Endorsements.gather(NO_TABLE, folder))
                .isInstanceOf(GuestException.class)
                .hasMessageEndingWith("at most 8192 bytes");
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
