package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.KeySuccession;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Only what the vault signed for this stream, in its order, has an effect. */
@Timeout(60)
class LeaseStreamTest implements LeaseStream.Listener {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final Notice.Revoked REVOKED = new Notice.Revoked("revoked.chip", "stolen", 7);

    @TempDir private Path folder;
    private FakeVault vault;
    private LeasedNode node;
    private LeaseStream stream;
    private final LinkedBlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<List<GuardMeasure>> measures = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        node = new LeasedNode(vault, CHIP, folder);
        stream =
                LeaseStream.start(
                        node.link,
                        vault.pin(),
                        CHIP.anchors(),
                        node.memory,
                        node.grant().lease(),
                        this,
                        new LatestOrders(measures::add),
                        new SecureRandom());
    }

    @AfterEach
    void stop() {
        stream.close();
        node.close();
        vault.close();
    }

    @Override
    public boolean listens() {
        return true;
    }

    @Override
    public void told(Instant vaultTime) {
        // Every notice has a time; what else it says is what these tests are about.
    }

    @Override
    public void withdrawn(List<Digest> keys) {
        heard.add(keys);
    }

    @Override
    public void aliasMoved() {
        heard.add("moved");
    }

    @Override
    public void revoked(Notice.Revoked why) {
        heard.add(why);
    }

    @Test
    void hearsWithdrawalsAndTheEnd() throws Exception {
        FakeVault.Stream open = next();
        vault.tell(open, 1, new Notice.Withdrawn(List.of(Digest.sha256())), LeaseStreamTest::plain);
        vault.tell(open, 2, new Notice.Tick(), LeaseStreamTest::plain);
        stream.awaitUpToDate(Duration.ofSeconds(20));
        vault.tell(open, 3, REVOKED, LeaseStreamTest::plain);
        assertThat(hear()).isEqualTo(List.of(Digest.sha256()));
        assertThat(hear()).isEqualTo(REVOKED);
    }

    @Test
    void hearsThatAnAliasMoved() throws Exception {
        var moved = new Notice.AliasMoved(3);
        vault.tell(next(), 1, moved, LeaseStreamTest::plain, TestKeys.p256());
        FakeVault.Stream again = next();
        assertThat(heard).as("of the forged one").isEmpty();
        vault.tell(again, 1, moved, LeaseStreamTest::plain);
        assertThat(hear()).isEqualTo("moved");
    }

    @Test
    void hearsMeasuresWholeAndForgetsThemWithTheirStream() throws Exception {
        GuardMeasure one = measure("acme/consumer/eve");
        GuardMeasure other = measure("acme/consumer/mallory");
        FakeVault.Stream open = next();
        vault.tell(open, 1, new Notice.Measures(List.of(one), 1), LeaseStreamTest::plain);
        vault.tell(open, 2, new Notice.Measures(List.of(other), 0), LeaseStreamTest::plain);
        vault.tell(open, 3, new Notice.Tick(), LeaseStreamTest::plain);
        assertThat(measures.poll(20, TimeUnit.SECONDS)).containsExactly(one, other);
        vault.tell(open, 4, new Notice.Measures(List.of(), 0), LeaseStreamTest::plain);
        assertThat(measures.poll(20, TimeUnit.SECONDS)).isEmpty();
        open.observer().onCompleted();
        vault.tell(next(), 1, new Notice.Tick(), LeaseStreamTest::plain);
        assertThat(measures.poll(20, TimeUnit.SECONDS)).isEmpty();
    }

    private static GuardMeasure measure(String caller) {
        return new GuardMeasure(GuardMeasure.Whose.PRINCIPAL, caller, GuardMeasure.Step.DEGRADE, 1);
    }

    @Test
    void aForgedNoticeEndsNothingAndTheStreamIsOpenedAgain() throws Exception {
        vault.tell(next(), 1, REVOKED, LeaseStreamTest::plain, TestKeys.p256());
        vault.tell(next(), 1, REVOKED, notice -> with(notice, new byte[16], notice.stream()));
        vault.tell(next(), 1, REVOKED, notice -> with(notice, notice.bootId(), new byte[32]));
        vault.tell(next(), 2, REVOKED, LeaseStreamTest::plain);
        FakeVault.Stream open = next();
        vault.tell(open, 1, new Notice.Tick(), LeaseStreamTest::plain);
        vault.tell(open, 1, REVOKED, LeaseStreamTest::plain); // the first again
        FakeVault.Stream again = next();
        assertThat(heard).isEmpty();
        vault.tell(again, 1, REVOKED, LeaseStreamTest::plain);
        assertThat(hear()).isEqualTo(REVOKED);
    }

    /** Somebody has the key that signed then, and shows the identity in which it does so. */
    @Test
    void aKeyThatThisNodeSawReplacedEndsNothing() throws Exception {
        FakeVault.Stream earlier = next();
        var key = TestKeys.p256();
        byte[] ending = vault.signing.getPublic().getEncoded();
        var word =
                KeySuccession.sign(
                        vault.identity.logOrigin(),
                        P256.signer(vault.signing),
                        ending,
                        1,
                        key.getPublic().getEncoded());
        var later = vault.identity.withSigningKey(key.getPublic().getEncoded(), word);
        node.memory.requireIdentity(later, later.sign(P256.signer(vault.ceremony)).encode());
        vault.tell(earlier, 1, REVOKED, LeaseStreamTest::plain);
        vault.tell(next(), 1, REVOKED, LeaseStreamTest::plain);
        next();
        assertThat(heard).isEmpty();
    }

    @Test
    void comesBackWhenTheVaultEndsTheStream() throws Exception {
        FakeVault.Stream open = next();
        vault.tell(open, 1, new Notice.Tick(), LeaseStreamTest::plain);
        open.observer().onCompleted();
        next().observer().onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
        vault.tell(next(), 1, REVOKED, LeaseStreamTest::plain);
        assertThat(hear()).isEqualTo(REVOKED);
    }

    private FakeVault.Stream next() throws InterruptedException {
        FakeVault.Stream open = vault.streams.poll(20, TimeUnit.SECONDS);
        assertThat(open).isNotNull();
        return open;
    }

    private Object hear() throws InterruptedException {
        Object word = heard.poll(20, TimeUnit.SECONDS);
        assertThat(word).isNotNull();
        return word;
    }

    private static Notice plain(Notice notice) {
        return notice;
    }

    private static Notice with(Notice notice, byte[] bootId, byte[] stream) {
        return new Notice(bootId, stream, notice.count(), notice.time(), notice.message());
    }
}
