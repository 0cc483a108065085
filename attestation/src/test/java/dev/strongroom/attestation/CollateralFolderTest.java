package dev.strongroom.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.EvidenceItem.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollateralFolderTest {
    @TempDir Path folder;

    @Test
    void tellsFilesByTheirContent() throws IOException {
        Files.writeString(folder.resolve("a"), "{\"tcbInfo\":{},\"signature\":\"00\"}");
        Files.writeString(folder.resolve("b"), "{\"enclaveIdentity\":{},\"signature\":\"00\"}");
        Files.writeString(folder.resolve("c"), "<SoftwareIdentity/>");
        Files.writeString(
                folder.resolve("d"),
                "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n");
        Files.writeString(folder.resolve("e"), "nothing of ours");
        Files.write(folder.resolve("f"), new byte[] {0x30, 0x00});

        assertThat(kinds())
                .containsExactly(
                        Kind.TDX_TCB_INFO,
                        Kind.TDX_QE_IDENTITY,
                        Kind.REFERENCE_MANIFEST,
                        Kind.ATTESTATION_KEY);
    }

    @Test
    void readsSubFoldersAndSeesWhatIsNewAtOnce() throws IOException {
        var source = new CollateralFolder(folder);
        assertThat(source.current()).isEmpty();
        Files.createDirectory(folder.resolve("intel"));
        Files.writeString(folder.resolve("intel/info.json"), "{\"tcbInfo\":{}}");
        assertThat(source.current()).hasSize(1);
    }

    /** As Kubernetes mounts it: every file is a link into a folder that is a link. */
    @Test
    void followsLinksAndReadsEachFileOnce() throws IOException {
        Path mounted = Files.createDirectory(folder.resolve("..2026_11_22"));
        Files.writeString(mounted.resolve("info.json"), "{\"tcbInfo\":{}}");
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_11_22"));
        Files.createSymbolicLink(folder.resolve("info.json"), Path.of("..data", "info.json"));

        assertThat(kinds()).containsExactly(Kind.TDX_TCB_INFO);
    }

    @Test
    void readsAFolderThatIsALink(@TempDir Path other) throws IOException {
        Files.writeString(other.resolve("info.json"), "{\"tcbInfo\":{}}");
        Files.createSymbolicLink(folder.resolve("collateral"), other);

        assertThat(CollateralFolder.inside(folder).current()).hasSize(1);
    }

    @Test
    void refusesALinkThatLeadsNowhere() throws IOException {
        Files.createSymbolicLink(folder.resolve("list"), Path.of("absent"));
        refuses("list");
    }

    @Test
    void refusesAnItemOverItsLimit() throws IOException {
        Files.writeString(folder.resolve("a"), "{\"tcbInfo\":\"" + "x".repeat(70_000) + "\"}");
        refuses("TDX_TCB_INFO: expected at most 65536 bytes, got 70014");
    }

    @Test
    void refusesAFileOverItsLimit() throws IOException {
        Files.writeString(folder.resolve("a"), "x".repeat(300_000));
        refuses("a: expected at most 262144 bytes");
    }

    @Test
    void refusesFoldersThatItWouldNotLookInto() throws IOException {
        Files.createDirectories(folder.resolve("1/2/3/4"));
        refuses("4: expected no folders at this depth");
    }

    @Test
    void refusesAFolderThatNobodyReads() throws IOException {
        assertThatThrownBy(() -> new CollateralFolder(folder.resolve("absent")).current())
                .isInstanceOf(IOException.class);
        for (int i = 0; i <= 256; i++) {
            Files.createFile(folder.resolve("file" + i));
        }
        assertThatThrownBy(() -> new CollateralFolder(folder).current())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 256 files");
    }

    @Test
    void insideAnotherFolderItNeedNotExist() throws IOException {
        var source = CollateralFolder.inside(folder);
        assertThat(source.current()).isEmpty();
        Files.createDirectory(folder.resolve("collateral"));
        Files.writeString(folder.resolve("collateral/x"), "{\"tcbInfo\":{}}");
        assertThat(source.current()).hasSize(1);
    }

    @Test
    void insideAnotherFolderItIsAFolder() throws IOException {
        Files.createFile(folder.resolve("collateral"));
        assertThatThrownBy(() -> CollateralFolder.inside(folder).current())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a folder");
        Files.delete(folder.resolve("collateral"));
        Files.createSymbolicLink(folder.resolve("collateral"), Path.of("absent"));
        assertThatThrownBy(() -> CollateralFolder.inside(folder).current())
                .isInstanceOf(IOException.class);
    }

    private void refuses(String message) {
        assertThatThrownBy(() -> new CollateralFolder(folder).current())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private List<Kind> kinds() throws IOException {
        return new CollateralFolder(folder).current().stream().map(EvidenceItem::kind).toList();
    }
}
