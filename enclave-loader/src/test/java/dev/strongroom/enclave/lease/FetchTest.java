package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.enclave.lease.LeaseException.Kind;
import dev.strongroom.enclave.load.Fetch;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.ModelOpener;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.memory.SecretSegment;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.SoftwareChip;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A version that is opened while it comes, over gRPC, with ciphertext and keys of the real kind;
 * and lines and vaults that do not keep to it.
 */
class FetchTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final int MIB = 1 << 20;
    private static final byte[] GRAPH = {1, 2, 3};
    private static final byte[] WEIGHTS = weights(20 * MIB);
    private static final long MODEL_BYTES =
            SecretSegment.pageAligned(GRAPH.length) + SecretSegment.pageAligned(WEIGHTS.length);
    private static final int MOST = 17 * MIB; // two pieces are open, and a third waits

    @TempDir private Path data;
    private FakeVault vault;
    private byte[] sealed;
    private final Line line = new Line();
    private volatile Optional<LeaseRequester.Released> leased = Optional.empty();

    /** The vault's side of a fetch of the weights, which sends what a test has it send. */
    private static final class Line implements FakeVault.Sending {
        /** A call that a node made. */
        record Call(long offset, ServerCallStreamObserver<FetchObjectResponse> to) {}

        private final BlockingQueue<Call> calls = new ArrayBlockingQueue<>(10);

        @Override
        public void send(
                FakeVault vault,
                long offset,
                byte[] file,
                StreamObserver<FetchObjectResponse> observer) {
            if (file.length < MIB) {
                FakeModels.sendAll(vault, offset, file, observer);
                return;
            }
            var to = (ServerCallStreamObserver<FetchObjectResponse>) observer;
            to.setOnCancelHandler(() -> {}); // a node that hangs up is no failure here
            calls.add(new Call(offset, to));
        }

        Call next() throws Exception {
            return Eventually.first(calls::poll, call -> call != null);
        }

        static void send(Call call, byte[] file, int from, int to) {
            int chunk = 100_000;
            for (int at = from; at < to; at += chunk) {
                FakeModels.send(call.to(), file, at, Math.min(chunk, to - at));
            }
        }
    }

    @BeforeEach
    void publish() throws Exception {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("model.onnx", GRAPH);
        files.put("weights.bin", WEIGHTS);
        vault = new FakeVault(CHIP.anchors(), files);
        vault.onFetch = line;
        sealed = vault.sealed.get(1);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void whatCameIsOpenBeforeTheRestComes() throws Exception {
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, sealed, 0, MOST);
        opening.awaitOpen();
        assertThat(opening.task().isDone()).isFalse();
        Line.send(call, sealed, MOST, sealed.length);
        call.to().onCompleted();
        try (LoadedModel model = opening.task().get()) {
            requireModel(model);
        }
        assertThat(vault.fetches).isEqualTo(2);
        requireNothingGoesOn();
    }

    @Test
    void aDamagedByteAtTheEndLeavesNothingOfWhatWasOpen() throws Exception {
        byte[] damaged = sealed.clone();
        damaged[damaged.length - 1] ^= 1;
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, damaged, 0, MOST);
        opening.awaitOpen();
        Line.send(call, damaged, MOST, damaged.length);
        call.to().onCompleted();
        requireRefused(opening, Kind.INTEGRITY, "weights.bin", "the vault's copy is damaged");
        assertThat(names()).as("it is fetched anew").hasSize(1).noneMatch(this::isPart);
    }

    /** The rest is not waited for, though the lease would let it come for minutes. */
    @Test
    void aDamagedByteInTheMiddleEndsTheFetch() throws Exception {
        byte[] damaged = sealed.clone();
        damaged[MOST - 2 * MIB] ^= 1;
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, damaged, 0, MOST);
        requireRefused(opening, Kind.INTEGRITY, "weights.bin: segment 15", "push it again");
        Eventually.holds(call.to()::isCancelled);
        assertThat(names()).noneMatch(this::isPart);
    }

    /** By the same key, so that every segment opens; but it is not what the owner signed. */
    @Test
    void anotherSealOfTheSamePlaintextIsNotTheOwners() throws Exception {
        var other = new ByteArrayOutputStream();
        var manifest = vault.manifest.verify(vault.ownerId(), vault.verifier());
        new Sealer(new SecureRandom())
                .seal(
                        Channels.newChannel(new ByteArrayInputStream(WEIGHTS)),
                        Channels.newChannel(other),
                        vault.secrets,
                        manifest.fileIdentity(1));
        assertThat(other.toByteArray()).hasSameSizeAs(sealed).isNotEqualTo(sealed);
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, other.toByteArray(), 0, sealed.length);
        opening.awaitOpen();
        call.to().onCompleted();
        requireRefused(opening, Kind.INTEGRITY, "not those that the owner signed");
        assertThat(names()).noneMatch(this::isPart);
    }

    @Test
    void aDownloadThatStopsEndsTheOpeningAndTheNextOneGoesOn() throws Exception {
        vault.leaseTime = Duration.ofSeconds(30); // of which three may pass
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, sealed, 0, MOST);
        requireRefused(opening, Kind.UNREACHABLE, "weights.bin", "not there in time");
        Eventually.holds(call.to()::isCancelled);
        assertThat(Files.size(part())).isEqualTo(MOST);

        goesOnFrom(MOST);
    }

    /** Who sends all bytes and does not end the stream holds nobody up either. */
    @Test
    void aStreamThatDoesNotEndIsNotWaitedFor() throws Exception {
        vault.leaseTime = Duration.ofSeconds(30);
        var opening = opening();
        Line.send(line.next(), sealed, 0, sealed.length);
        requireRefused(opening, Kind.UNREACHABLE, "not there in time");
    }

    @Test
    void aVaultThatDiesEndsTheOpeningAndTheNextOneGoesOn() throws Exception {
        var opening = opening();
        Line.send(line.next(), sealed, 0, MOST);
        opening.awaitOpen();
        vault.die();
        requireRefused(opening, Kind.UNREACHABLE, "vault");
        assertThat(Files.size(part())).isEqualTo(MOST);

        goesOnFrom(MOST);
    }

    private void goesOnFrom(int offset) throws Exception {
        vault.leaseTime = Duration.ofHours(1);
        leased = Optional.empty();
        var again = opening(Fetch::awaitLittleLeft);
        Line.Call call = line.next();
        assertThat(call.offset()).isEqualTo(offset);
        Line.send(call, sealed, offset, sealed.length - 1);
        Eventually.holds(() -> Files.size(part()) == sealed.length - 1);
        assertThat(leased).as("its start is not checked yet").isEmpty();
        Line.send(call, sealed, sealed.length - 1, sealed.length);
        call.to().onCompleted();
        try (LoadedModel model = again.task().get()) {
            requireModel(model);
        }
        requireNothingGoesOn();
    }

    @Test
    void aDamagedTorsoIsFetchedOnceMoreAndThenOpened() throws Exception {
        byte[] torso = Arrays.copyOf(sealed, MOST);
        torso[5 * MIB] ^= 1;
        Path folder = Files.createDirectories(data.resolve("sealed"));
        var manifest = vault.manifest.verify(vault.ownerId(), vault.verifier());
        Files.write(folder.resolve(manifest.seal().files().get(1).digest().hex() + ".part"), torso);
        var opening = opening(Fetch::awaitLittleLeft);
        Line.Call rest = line.next();
        assertThat(rest.offset()).isEqualTo(MOST);
        Line.send(rest, sealed, MOST, sealed.length);
        rest.to().onCompleted();
        Line.Call all = line.next();
        assertThat(all.offset()).isZero();
        Line.send(all, sealed, 0, sealed.length);
        all.to().onCompleted();
        try (LoadedModel model = opening.task().get()) {
            requireModel(model);
        }
    }

    @Test
    void aStreamThatEndsTooSoonIsRefused() throws Exception {
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, sealed, 0, MOST);
        opening.awaitOpen();
        call.to().onCompleted();
        requireRefused(opening, Kind.INTEGRITY, "not those that the owner signed");
    }

    @Test
    void aStreamThatGoesOnIsRefused() throws Exception {
        byte[] longer = Arrays.copyOf(sealed, sealed.length + 1);
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, longer, 0, sealed.length);
        opening.awaitOpen();
        Line.send(call, longer, sealed.length, longer.length);
        requireRefused(opening, Kind.INTEGRITY, "more than the manifest's");
        Eventually.holds(call.to()::isCancelled);
    }

    @Test
    void aVaultThatGivesNoLeaseEndsTheFetch() throws Exception {
        vault.onAnswer = answer -> answer.setWrappedKey(ByteString.copyFrom(new byte[384]));
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, sealed, 0, MOST);
        assertThat(failure(opening)).hasMessageContaining("data key");
        Eventually.holds(call.to()::isCancelled);
        requireNothingGoesOn();
    }

    @Test
    void anInterruptEndsBoth() throws Exception {
        var opening = opening();
        Line.Call call = line.next();
        Line.send(call, sealed, 0, MOST);
        opening.awaitOpen();
        opening.thread().interrupt();
        assertThatThrownBy(opening.task()::get).hasCauseInstanceOf(IOException.class);
        Eventually.holds(call.to()::isCancelled);
        requireWiped(opening);
        requireNothingGoesOn();
    }

    /** Whatever the pieces, and whether they come before or after the lease. */
    @Test
    void anyArrivalGivesTheSameBytes() throws Exception {
        var random = new Random(20261123);
        for (int round = 0; round < 8; round++) {
            data = Files.createDirectory(data.resolve("round"));
            var opening = opening(Fetch::awaitLittleLeft);
            Line.Call call = line.next();
            int at = 0;
            while (at < sealed.length) {
                int length = 1 + random.nextInt(1 << random.nextInt(22));
                int to = Math.min(sealed.length, at + length);
                FakeModels.send(call.to(), sealed, at, to - at);
                at = to;
                if (random.nextInt(100) == 0) {
                    awaitOnDisk(at);
                }
            }
            call.to().onCompleted();
            try (LoadedModel model = opening.task().get()) {
                requireModel(model);
            }
        }
    }

    private void awaitOnDisk(int bytes) throws Exception {
        Eventually.holds(() -> Files.exists(part()) && Files.size(part()) == bytes);
    }

    /**
     * A node's start as far as the opened files.
     *
     * @param pages that the model will be in
     */
    private record Opening(FutureTask<LoadedModel> task, Thread thread, MemorySegment pages) {
        /** Returns when the first 8 MiB are open. */
        void awaitOpen() throws Exception {
            long at = SecretSegment.pageAligned(GRAPH.length) + 8 * MIB - 200;
            byte expected = WEIGHTS[8 * MIB - 200];
            Eventually.holds(() -> pages.get(ValueLayout.JAVA_BYTE, at) == expected);
        }
    }

    /** When a start asks for its lease. */
    @FunctionalInterface
    private interface Asking {
        void await(Fetch fetch) throws IOException, LeaseException;
    }

    /** Of a node that asks for its lease at once: nothing depends on how fast bytes come. */
    private Opening opening() throws Exception {
        return opening(_ -> {});
    }

    @SuppressWarnings("restricted") // it looks at memory that is another's
    private Opening opening(Asking asking) throws Exception {
        long address;
        try (var before = SecretSegment.allocate(MODEL_BYTES, Protection.LOCKED, Fits.forTests())) {
            address = before.view(0, 1).address();
        }
        var task = new FutureTask<>(() -> open(asking));
        return new Opening(
                task,
                Thread.ofPlatform().daemon().start(task),
                MemorySegment.ofAddress(address).reinterpret(MODEL_BYTES));
    }

    private LoadedModel open(Asking asking) throws Exception {
        try (var link = vault.link();
                var requester = requester(link)) {
            Version version = requester.version(FakeVault.MODEL, 0, requester.ownerId());
            var files = new SealedFiles(data.resolve("sealed"));
            try (var fetch = files.begin(link, version.manifest())) {
                asking.await(fetch);
                var released = requester.lease(version);
                leased = Optional.of(released);
                LoadedModel model =
                        ModelOpener.open(released, fetch, Protection.LOCKED, Fits.forTests(), 2);
                fetch.kept();
                return model;
            }
        }
    }

    private static void requireModel(LoadedModel model) {
        assertThat(model.view("model.onnx").toArray(ValueLayout.JAVA_BYTE)).isEqualTo(GRAPH);
        assertThat(model.view("weights.bin").mismatch(MemorySegment.ofArray(WEIGHTS)))
                .isEqualTo(-1);
    }

    /** Nothing is left open, the key is gone, and so is whatever waited. */
    private void requireRefused(Opening opening, Kind kind, String... words) throws Exception {
        LeaseException refused = failure(opening);
        assertThat(refused.kind()).isEqualTo(kind);
        assertThat(refused).hasMessageContainingAll(words);
        requireWiped(opening);
        assertThatThrownBy(leased.orElseThrow()::guardKey)
                .isInstanceOf(IllegalStateException.class);
        requireNothingGoesOn();
    }

    private static void requireWiped(Opening opening) {
        var zeros = MemorySegment.ofArray(new byte[(int) MODEL_BYTES]);
        assertThat(opening.pages().mismatch(zeros)).isEqualTo(-1);
    }

    private static LeaseException failure(Opening opening) {
        var failed =
                catchThrowableOfType(
                        ExecutionException.class, () -> opening.task().get(60, TimeUnit.SECONDS));
        return (LeaseException) Objects.requireNonNull(failed.getCause());
    }

    private static void requireNothingGoesOn() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.equals("fetch") || name.startsWith("strongroom-open-"));
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(data.resolve("sealed"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private boolean isPart(String name) {
        return name.endsWith(".part");
    }

    private Path part() throws Exception {
        var manifest = vault.manifest.verify(vault.ownerId(), vault.verifier());
        return data.resolve("sealed")
                .resolve(manifest.seal().files().get(1).digest().hex() + ".part");
    }

    private LeaseRequester requester(VaultLink link) throws Exception {
        return new LeaseRequester(
                new NodeSide(
                        link,
                        vault.pin(),
                        CHIP.guest(ChipConfig.launch(new byte[48], vault.ownerId().bytes())),
                        vault.anchors,
                        Fits.forTests(),
                        new NodeMemory(data.resolve("memory")),
                        InstantSource.fixed(FakeVault.NOW),
                        new SecureRandom(),
                        Optional.empty(),
                        Optional.empty()));
    }

    private static byte[] weights(int size) {
        byte[] bytes = new byte[size];
        new Random(3).nextBytes(bytes);
        return bytes;
    }
}
