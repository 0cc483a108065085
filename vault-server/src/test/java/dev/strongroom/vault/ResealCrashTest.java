package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.fault.FaultPoint;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vault's process ends while a seal is replaced: it is the old one or the new one, whole. */
@Tag("nightly")
class ResealCrashTest {
    private static final byte[] WEIGHTS = TestOwner.weights(2_500_000);

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.inItsOwnProcess(dir);
        owner = vault.tenant("acme");
        owner.resealBy = List.of(HexFormat.of().formatHex(TestOwner.MEASUREMENT));
        policies = owner.setPolicies("bert");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "UPLOAD_CHUNK_WRITTEN",
                "OBJECT_DURABLE",
                "RESEAL_IMPORTED",
                "RESEAL_IN_TRANSACTION"
            })
    void beforeTheSwapTheOldSealIsWhole(FaultPoint point) throws Exception {
        Sealed old = pushed();
        var reseal = new TestReseal(new TestNode(owner));
        Sealed next = reseal.seal(old, policies, WEIGHTS);
        reseal.begin(next);
        vault.diesAt(point, () -> reseal.push(next));
        isWhole(old);
        reseal.push(next);
        isWhole(next);
    }

    @Test
    void afterTheSwapTheNewSealIsWholeAndTheSweepCollectsTheOld() throws Exception {
        Sealed old = pushed();
        var reseal = new TestReseal(new TestNode(owner));
        Sealed next = reseal.seal(old, policies, WEIGHTS);
        reseal.upload(next);
        vault.diesAt(FaultPoint.RESEAL_SWAPPED, () -> reseal.commit(next));
        isWhole(next);
        assertThat(reseal.commit(next).getNumber()).isPositive();
        String leftOver = Digest.sha256(old.files().getFirst()).hex();
        try (Stream<Path> files = Files.walk(vault.config.dataDir().resolve("objects"))) {
            assertThat(files).noneMatch(file -> file.endsWith(leftOver));
        }
    }

    /** Killed at whatever it does then, many times over one seal. */
    @Test
    void killedAnywhereItIsOneOfTheTwo() throws Exception {
        Sealed old = pushed();
        for (int round = 0; round < 12; round++) {
            var reseal = new TestReseal(new TestNode(owner));
            Sealed next = reseal.seal(old, policies, WEIGHTS);
            reseal.upload(next);
            var vaultOfThen = reseal.node.release();
            var work = Thread.ofVirtual().start(() -> commitOrDie(vaultOfThen, next));
            spin(round);
            vault.restartChild(0);
            join(work);
            old = current(old).equals(next.manifest().digest()) ? next : old;
            isWhole(old);
        }
    }

    private static void commitOrDie(ReleaseGrpc.ReleaseBlockingStub vaultOfThen, Sealed next) {
        try {
            var _ = TestReseal.commit(vaultOfThen, next, next.importCiphertext());
        } catch (StatusRuntimeException killed) {
            // whichever seal is in force is looked at afterwards
        }
    }

    private static void spin(int round) {
        long end = System.nanoTime() + round * 4_000_000L;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static void join(Thread work) {
        try {
            work.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sealed pushed() {
        Sealed sealed = owner.seal("bert", WEIGHTS);
        owner.push(sealed);
        return sealed;
    }

    private static Digest current(Sealed of) {
        byte[] manifest =
                owner.models()
                        .getVersion(
                                GetVersionRequest.newBuilder()
                                        .setVersion(
                                                VersionReference.newBuilder()
                                                        .setModel(of.model().toString())
                                                        .setVersionId(of.idBytes()))
                                        .build())
                        .getManifest()
                        .toByteArray();
        try {
            return dev.strongroom.crypto.format.Manifest.decode(manifest).digest();
        } catch (dev.strongroom.crypto.format.SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Manifest, key record and every byte belong to this seal. */
    private static void isWhole(Sealed seal) throws Exception {
        assertThat(current(seal)).isEqualTo(seal.manifest().digest());
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, seal, policies)).isTrue();
        var out = new ByteArrayOutputStream();
        ModelsGrpc.newBlockingStub(vault.connect(node.identity))
                .fetchObject(
                        FetchObjectRequest.newBuilder()
                                .setModel(seal.model().toString())
                                .setVersionId(seal.idBytes())
                                .build())
                .forEachRemaining(chunk -> out.writeBytes(chunk.getChunk().toByteArray()));
        assertThat(Arrays.equals(out.toByteArray(), seal.files().getFirst())).isTrue();
    }
}
