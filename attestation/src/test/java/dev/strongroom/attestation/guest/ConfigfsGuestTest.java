package dev.strongroom.attestation.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.OwnEvidence;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.guest.FakeTsm.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigfsGuestTest {
    private static final UUID VCEK = UUID.fromString("63da758d-e664-4564-adc5-f4b93be8accd");
    private static final UUID ARK = UUID.fromString("c0b406a4-a803-4952-9743-3fb6014cd0ae");

    @TempDir Path endorsements;

    private final FakeTsm tsm = new FakeTsm();
    private final byte[] reportData = new byte[64];

    ConfigfsGuestTest() {
        Arrays.fill(reportData, (byte) 7);
    }

    @Test
    void givesTheReportForTheDataItWasAskedFor() throws GuestException {
        Evidence evidence = guest().evidence(reportData);
        assertThat(evidence.document()).isEqualTo(FakeTsm.report(reportData));
        assertThat(tsm.requests).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void asksAgainWhenARequestIsDisturbed(Trouble trouble) throws GuestException {
        tsm.troubles.add(trouble);
        Evidence evidence = guest().evidence(reportData);
        assertThat(evidence.document()).isEqualTo(FakeTsm.report(reportData));
        assertThat(tsm.requests).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void givesUpAndLeavesNothingBehind(Trouble trouble) {
        for (int i = 0; i < 10; i++) {
            tsm.troubles.add(trouble);
        }
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageStartingWith("configfs-tsm: ");
        assertThat(tsm.open).isEmpty();
    }

    @Test
    void refusesAProviderItDoesNotKnow() {
        tsm.provider = "tdx_guest\n";
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("expected provider sev_guest");
        assertThat(tsm.open).isEmpty();
    }

    /** A recorded quote with other report data: its signature is for the verifier to judge. */
    @Test
    void asksTheTdxDriverForAQuote() throws Exception {
        Path recorded =
                Path.of(
                        System.getProperty("strongroom.attestation.vectors", "missing"),
                        "tdx/vectors/v4-b0c06f000000-f1c850/quote.bin");
        assumeTrue(Files.exists(recorded), () -> recorded + " is not there: skipped");
        byte[] quote = Files.readAllBytes(recorded);
        tsm.provider = "tdx_guest\n";
        tsm.reporter =
                data -> {
                    System.arraycopy(data, 0, quote, 48 + 520, data.length);
                    return quote.clone();
                };
        var guest = new ConfigfsGuest(tsm, TsmProvider.TDX_GUEST, endorsements, new SecureRandom());

        Evidence evidence = guest.evidence(reportData);

        assertThat(guest.tee()).isEqualTo(Tee.TDX);
        assertThat(evidence.format()).isEqualTo(Evidence.Format.TDX_QUOTE);
        assertThat(OwnEvidence.hostData(evidence, reportData).bytes())
                .isEqualTo(Arrays.copyOfRange(quote, 48 + 184, 48 + 184 + 32));
        assertThatThrownBy(() -> OwnEvidence.hostData(evidence, new byte[64]))
                .isInstanceOf(MalformedEncodingException.class);
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("expected provider sev_guest");
    }

    @Test
    void refusesReportDataOfAnotherLength() {
        assertThatThrownBy(() -> guest().evidence(new byte[63]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesCertificatesFromTheTableAndTheFolder() throws GuestException, IOException {
        byte[] vcek = {1, 2, 3};
        tsm.auxblob = table(entry(VCEK, vcek), entry(UUID.randomUUID(), new byte[9]));
        try (var pem = EndorsementsTest.class.getResourceAsStream("two-certificates.pem")) {
            Files.copy(Objects.requireNonNull(pem), endorsements.resolve("chain.pem"));
        }
        Files.write(endorsements.resolve("notes.txt"), new byte[99]);

        assertThat(guest().evidence(reportData).endorsements()).hasSize(3).startsWith(vcek);
    }

    @Test
    void refusesTablesThatPointOutside() {
        byte[] table = table(entry(ARK, new byte[8]));
        for (int length : new int[] {9, 8192, 1 << 20, -1}) {
            ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(20, length);
            tsm.auxblob = table;
            assertThatThrownBy(() -> guest().evidence(reportData))
                    .as("length %d", length)
                    .isInstanceOf(GuestException.class)
                    .hasMessageStartingWith("auxblob");
        }
    }

    @Test
    void refusesMoreCertificatesThanAVerifierTakes() {
        var entries = new Entry[33];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(VCEK, new byte[] {(byte) i});
        }
        tsm.auxblob = table(entries);
        assertThatThrownBy(() -> guest().evidence(reportData))
                .isInstanceOf(GuestException.class)
                .hasMessageContaining("at most 32 certificates");
    }

    @Test
    void worksOnAFolderThatBehavesLikeTheKernels(@TempDir Path root) throws IOException {
        var kernel = new KernelTsm(root);
        kernel.mkdir("r");
        Files.writeString(root.resolve("r/inblob"), "");
        kernel.write("r", "inblob", reportData);
        assertThat(kernel.read("r", "inblob")).isEqualTo(reportData);
        assertThatThrownBy(() -> kernel.mkdir("r")).isInstanceOf(IOException.class);
        Files.delete(root.resolve("r/inblob"));
        kernel.remove("r");
        assertThat(root.resolve("r")).doesNotExist();
    }

    private ConfigfsGuest guest() {
        return new ConfigfsGuest(tsm, TsmProvider.SEV_GUEST, endorsements, new SecureRandom());
    }

    private record Entry(UUID guid, byte[] certificate) {}

    private static Entry entry(UUID guid, byte[] certificate) {
        return new Entry(guid, certificate);
    }

    private static byte[] table(Entry... entries) {
        int header = 24 * (entries.length + 1);
        int size = header + List.of(entries).stream().mapToInt(e -> e.certificate.length).sum();
        var table = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        int offset = header;
        for (int i = 0; i < entries.length; i++) {
            var guid = ByteBuffer.allocate(16);
            guid.putLong(entries[i].guid.getMostSignificantBits());
            guid.putLong(entries[i].guid.getLeastSignificantBits());
            table.put(24 * i, guid.array());
            table.putInt(24 * i + 16, offset);
            table.putInt(24 * i + 20, entries[i].certificate.length);
            table.put(offset, entries[i].certificate);
            offset += entries[i].certificate.length;
        }
        return table.array();
    }
}
