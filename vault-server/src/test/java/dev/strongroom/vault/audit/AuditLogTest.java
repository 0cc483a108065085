package dev.strongroom.vault.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final KeyPair KEY = P256.newKeyPair(new SecureRandom());
    private static final String ORIGIN = "strongroom/test";

    @TempDir private Path dir;
    private Database database;
    private AuditLog log;

    @BeforeEach
    void open() throws Exception {
        database = Database.open(dir);
        log = reopen();
    }

    @AfterEach
    void close() {
        database.close();
    }

    private AuditLog reopen() throws Exception {
        return AuditLog.open(
                database,
                LogSigner.of(ORIGIN, P256.signer(KEY), KEY.getPublic().getEncoded()),
                new TailKey(new byte[32]),
                Witnesses.none(),
                InstantSource.system());
    }

    private static Decision decision(int number) {
        return Decision.of(AuditRecord.RELEASE_REFUSED, "test", "acme").with("number", number);
    }

    private Checkpoint verified() throws Exception {
        return log.checkpoint()
                .verify(NoteKey.of(ORIGIN, KEY.getPublic().getEncoded()), WitnessQuorum.NONE);
    }

    @Test
    void provesEveryLeafAndEveryGrowth() throws Exception {
        List<Checkpoint> seen = new ArrayList<>(List.of(verified()));
        for (int i = 0; i < 20; i++) {
            assertThat(log.append(decision(i)).leafIndex()).isEqualTo(i);
            seen.add(verified());
        }
        Checkpoint last = seen.getLast();
        for (int i = 0; i < 20; i++) {
            AuditProof proof = log.prove(i);
            assertThat(
                            MerkleProofs.verifyInclusion(
                                    MerkleTree.leafHash(proof.leaf()),
                                    i,
                                    last.size(),
                                    proof.path(),
                                    last.root()))
                    .isTrue();
            assertThat(AuditRecord.decode(proof.leaf()).fields())
                    .containsEntry("number", Integer.toString(i));
        }
        for (Checkpoint earlier : seen) {
            List<Digest> path = log.consistency(earlier.size(), last.size());
            assertThat(
                            MerkleProofs.verifyConsistency(
                                    earlier.size(), earlier.root(), last.size(), last.root(), path))
                    .isTrue();
        }
    }

    @Test
    void isTheSameTreeAfterARestart() throws Exception {
        for (int i = 0; i < 7; i++) {
            log.append(decision(i));
        }
        Checkpoint before = verified();
        log = reopen();
        assertThat(verified()).isEqualTo(before);
    }

    /** What was read and written to decide, and the record: both or neither. */
    @Test
    void writesNothingWhenTheDecisionFails() {
        assertThatThrownBy(() ->
                        log.append(handle -> {
                            BootTable.consumeNonce(handle, "n", 1);
                            throw new IllegalStateException("no decision");
                        }))
                .hasMessage("no decision");
        assertThat(log.size()).isZero();
        assertThat(
                        database.<Boolean, RuntimeException>write(
                                handle -> BootTable.consumeNonce(handle, "n", 1)))
                .isTrue();
        assertThat(log.append(decision(1)).leafIndex()).isZero();
    }

    @Test
    void numbersConcurrentDecisionsWithoutGaps() throws Exception {
        List<CompletableFuture<Long>> receipts =
                IntStream.range(0, 50)
                        .mapToObj(i ->
                                CompletableFuture.supplyAsync(
                                        () -> log.append(decision(i)).leafIndex()))
                        .toList();
        assertThat(receipts.stream().map(CompletableFuture::join).distinct()).hasSize(50);
        Checkpoint before = verified();
        assertThat(before.size()).isEqualTo(50);
        log = reopen();
        assertThat(verified()).isEqualTo(before);
    }

    /** Somebody writes the stopped vault's database, where the token signed nothing yet. */
    @Test
    void believesNoRecordAfterTheLastCheckpointThatItDidNotWrite() throws Exception {
        log.append(decision(0));
        var _ = verified();
        log.append(decision(1));
        log.append(decision(2));
        log = reopen();
        assertThat(log.size()).isEqualTo(3);

        byte[] forged =
                new AuditRecord(
                                AuditRecord.RELEASE_REFUSED,
                                Instant.EPOCH,
                                "vault",
                                new TreeMap<>())
                        .encode();
        tampered(
                "not those that the vault wrote",
                handle -> LeafTable.insert(handle, new LeafTable.Leaf(3, "acme", forged)));
        tampered(
                "not those that the vault wrote",
                handle -> handle.execute("DELETE FROM audit_leaf WHERE leaf_index = 2"));
        for (int index : List.of(1, 2)) {
            tampered(
                    "not those that the vault wrote",
                    handle ->
                            handle.execute(
                                    "UPDATE audit_leaf SET leaf = ? WHERE leaf_index = ?",
                                    forged,
                                    index));
        }
        tampered("nothing speaks for", handle -> handle.execute("DELETE FROM audit_tail"));
        tampered(
                "not those that the vault wrote",
                handle -> handle.execute("UPDATE audit_tail SET mac = zeroblob(32)"));
        tampered(
                "not those that the vault wrote",
                handle -> {
                    handle.execute("UPDATE audit_tail SET size = 4");
                    LeafTable.insert(handle, new LeafTable.Leaf(3, "acme", forged));
                });
        assertThat(reopen().size()).isEqualTo(3);
    }

    /** Changes the database, has it refused, and puts it back. */
    private void tampered(String why, Consumer<Handle> change) throws Exception {
        Path copy = Files.createTempDirectory(dir, "before");
        database.close();
        copyFiles(dir, copy);
        database = Database.open(dir);
        database.change(change::accept);
        assertThatThrownBy(this::reopen)
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(why);
        database.close();
        copyFiles(copy, dir);
        database = Database.open(dir);
    }

    private static void copyFiles(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(
                        file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @Test
    void refusesProofsOfWhatItNeverHad() {
        assertThatThrownBy(() -> log.prove(0)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> log.consistency(1, 1)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> log.consistency(-1, 0)).isInstanceOf(RefusedException.class);
    }

    /** Nobody but the log makes a receipt. */
    @Test
    void receiptsHaveNoConstructorForOthers() {
        for (Constructor<?> constructor : AuditReceipt.class.getDeclaredConstructors()) {
            assertThat(Modifier.isPublic(constructor.getModifiers())).isFalse();
        }
    }
}
