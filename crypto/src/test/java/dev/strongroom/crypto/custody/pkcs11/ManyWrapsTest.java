package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.TestEnclave;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Long use leaves nothing behind in a token, whose room for objects is small. */
@Tag("keys")
class ManyWrapsTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 2_500; // two wraps each: 20,000 in all
    private static final int HANDFUL = 4;

    @Test
    @Tag("nightly")
    void twentyThousandWrapsLeaveNoMoreThanAHandfulOfObjects() throws Exception {
        try (TestToken token = TestToken.make();
                RawToken raw = token.raw();
                var threads = Executors.newFixedThreadPool(THREADS)) {
            var custodian = token.custodian();
            var binding = newBinding(ACME);
            var stored = token.imported(newDataKey(), binding);
            var attested = new TestEnclave(3072).attested(binding);
            custodian.createKek(ACME, 2);
            int before = raw.find(new Template()).size();

            var done =
                    threads.invokeAll(
                            IntStream.range(0, THREADS)
                                    .<Callable<Integer>>mapToObj(_ ->
                                            () -> {
                                                for (int i = 0; i < ROUNDS; i++) {
                                                    custodian.rewrap(stored, 2);
                                                    custodian.releaseTo(stored, attested);
                                                }
                                                return ROUNDS;
                                            })
                                    .toList());
            for (var thread : done) {
                assertThat(thread.get()).isEqualTo(ROUNDS);
            }

            assertThat(TransientObject.live()).isZero();
            assertThat(raw.find(new Template().no(Ck.CKA_TOKEN))).hasSizeLessThanOrEqualTo(HANDFUL);
            assertThat(raw.find(new Template()).size() - before).isLessThanOrEqualTo(HANDFUL);
        }
    }
}
