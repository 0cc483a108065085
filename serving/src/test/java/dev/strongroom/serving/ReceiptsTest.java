package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Receipt;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many who want receipts at the same moment. */
class ReceiptsTest {
    private static final int ASKERS = 50;
    private static final int MAX_WAITING = 1024;
    private static final Digest POLICY = digest("policy");
    private static final Digest OTHER_POLICY = digest("another policy");

    private final CountDownLatch signing = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private Lease lease;
    private Receipts receipts;

    @BeforeEach
    void start() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        lease = lease(key);
        var presented =
                new Grant.Presented(
                        new byte[0],
                        new byte[0],
                        Policies.getDefaultInstance(),
                        InclusionProof.getDefaultInstance());
        receipts =
                Receipts.start(
                        _ -> {
                            signing.countDown();
                            awaited(goOn);
                            return Optional.of(new Receipts.Signatory(lease, key, presented));
                        },
                        Optional.empty(),
                        InstantSource.system(),
                        new SecureRandom());
    }

    @AfterEach
    void close() {
        goOn.countDown();
        receipts.close();
    }

    @Test
    void oneSignatureSpeaksForAllWhoWaitAndTellsNobodyOfAnother() throws Exception {
        List<Receipt> all = askers(_ -> POLICY);
        for (int i = 0; i < all.size(); i++) {
            Receipt receipt = all.get(i);
            assertThat(receipt.verify(lease).outputPolicy()).isEqualTo(POLICY);
            assertThat(receipt.request()).isEqualTo(digest("question " + i));
            assertThat(receipt.response()).isEqualTo(digest("answer " + i));
            String encoded = hex(receipt.encode());
            for (int other = 0; other < all.size(); other++) {
                if (other != i) {
                    Receipt others = all.get(other);
                    assertThat(encoded)
                            .doesNotContain(
                                    others.request().hex(),
                                    others.response().hex(),
                                    hex(others.salt()));
                }
            }
        }
        assertThat(all).extracting(receipt -> hex(receipt.salt())).doesNotHaveDuplicates();
        assertThat(all.stream().map(receipt -> hex(receipt.statement())).distinct())
                .as("of the first, and of all who waited for it")
                .hasSize(2);
    }

    @Test
    void answersOfTwoPoliciesShareNoStatement() throws Exception {
        List<Receipt> all = askers(i -> i % 2 == 0 ? POLICY : OTHER_POLICY);
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).verify(lease).outputPolicy())
                    .isEqualTo(i % 2 == 0 ? POLICY : OTHER_POLICY);
        }
    }

    @Test
    void refusesWhoWouldWaitBehindTooManyAndLeavesNobodyWaitingWhenItCloses() throws Exception {
        List<CompletableFuture<byte[]>> waiting = new ArrayList<>(List.of(ask(0, POLICY)));
        signing.await();
        for (int i = 1; i <= MAX_WAITING; i++) {
            waiting.add(ask(i, POLICY));
        }
        assertThatThrownBy(() -> ask(0, POLICY))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> {
                            assertThat(refused.reason()).isEqualTo("RECEIPTS_BUSY");
                            assertThat(refused.retryAfter()).isPresent();
                        });
        receipts.close();
        goOn.countDown();
        CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new))
                .handle((_, _) -> "nobody waits")
                .get();
        assertThatThrownBy(() -> ask(0, POLICY).get()).hasMessageContaining("closed");
    }

    /** The first is being signed for while all others come. */
    private List<Receipt> askers(IntFunction<Digest> policy) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Receipt>> asking = new ArrayList<>();
            var asked = new CountDownLatch(ASKERS);
            for (int i = 0; i < ASKERS; i++) {
                int number = i;
                asking.add(
                        threads.submit(() -> {
                            var receipt = ask(number, policy.apply(number));
                            asked.countDown();
                            return Receipt.decode(receipt.get());
                        }));
                if (i == 0) {
                    signing.await();
                }
            }
            asked.await();
            goOn.countDown();
            List<Receipt> all = new ArrayList<>();
            for (Future<Receipt> each : asking) {
                all.add(each.get());
            }
            return all;
        }
    }

    private CompletableFuture<byte[]> ask(int number, Digest policy) throws RefusedException {
        return receipts.issue(digest("question " + number), digest("answer " + number), policy)
                .toCompletableFuture();
    }

    private static void awaited(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // it is being closed: the signer says so when it is done here
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Digest digest(String of) {
        return Digest.sha256(of.getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static Lease lease(KeyPair key) {
        Instant now = Instant.now();
        return new Lease(
                new byte[32],
                new byte[32],
                new byte[16],
                1,
                ModelName.parse("acme/tiny"),
                VersionId.random(new SecureRandom()),
                7,
                digest("manifest"),
                IntStream.range(0, 2)
                        .mapToObj(i ->
                                new PolicyReference(
                                        List.of(PolicyReference.Kind.values()).get(i),
                                        "ab".repeat(16),
                                        1,
                                        i == 0 ? OTHER_POLICY : POLICY))
                        .toList(),
                TrustLevel.SOFTWARE,
                1,
                Tee.SIMULATED,
                digest("root"),
                digest("release key"),
                Digest.sha256(key.getPublic().getEncoded()),
                Posture.BASE,
                now,
                now.plusSeconds(600),
                1000,
                42,
                42);
    }
}
