package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.TestEnclave;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.OaepHash;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the contract of all custodians cannot ask: objects in the token, and SoftHSM2's quirks. */
class SoftHsmKeyPathTest {
    private static final int WRAPS = 2_000;

    private static TestToken token;
    private static Pkcs11Custodian custodian;
    private static TestEnclave enclave;

    @BeforeAll
    static void open() throws Exception {
        token = TestToken.make();
        custodian = token.custodian();
        enclave = new TestEnclave(3072);
    }

    @AfterAll
    static void close() {
        token.close();
    }

    @Test
    void manyWrapsLeaveNoObjectInTheToken() throws Exception {
        var binding = newBinding(ACME);
        var stored = token.imported(newDataKey(), binding);
        var attested = enclave.attested(binding);
        int next = newKek();
        try (RawToken raw = token.raw()) {
            var transientObjects = new Template().no(Ck.CKA_TOKEN);
            int before = raw.find(transientObjects).size();
            for (int i = 0; i < WRAPS / 2; i++) {
                custodian.rewrap(stored, next);
                custodian.releaseTo(stored, attested);
            }
            assertThat(raw.find(transientObjects)).hasSize(before);
            assertThat(before).isZero();
            assertThat(TransientObject.live()).isZero();
        }
    }

    @Test
    void failedOperationsLeaveNoObjectEither() throws Exception {
        byte[] short1 = new byte[24];
        try (RawToken raw = token.raw()) {
            for (int i = 0; i < 50; i++) {
                byte[] ciphertext = token.importCiphertext(ACME, short1);
                assertRefused(
                        Reason.IMPORT_REFUSED,
                        () -> custodian.importWrapped(ciphertext, newBinding(ACME), 1, 1));
            }
            assertThat(raw.find(new Template().no(Ck.CKA_TOKEN))).isEmpty();
        }
    }

    @Test
    void eightThreadsGetTheirOwnKeysBack() throws Exception {
        int next = newKek();
        Callable<Void> path =
                () -> {
                    for (int i = 0; i < 25; i++) {
                        byte[] dataKey = newDataKey();
                        var binding = newBinding(ACME);
                        var moved = custodian.rewrap(token.imported(dataKey, binding), next);
                        var released = custodian.releaseTo(moved, enclave.attested(binding));
                        assertThat(enclave.open(released)).isEqualTo(dataKey);
                    }
                    return null;
                };
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (Future<Void> done :
                    threads.invokeAll(IntStream.range(0, 8).mapToObj(i -> path).toList())) {
                done.get();
            }
        }
        assertThat(TransientObject.live()).isZero();
    }

    /** A quirk of SoftHSM2 that harms nobody else: the key's owner chose these bytes. */
    @Test
    void softHsmFillsAShortKeyUpWithZeros() throws Exception {
        byte[] shortKey = Arrays.copyOf(newDataKey(), 31);
        var binding = newBinding(ACME);

        var released =
                custodian.releaseTo(token.imported(shortKey, binding), enclave.attested(binding));

        assertThat(enclave.open(released)).isEqualTo(Arrays.copyOf(shortKey, 32));
    }

    /** Why the vault cannot refuse it: a length is the one thing it could ask for. */
    @Test
    void softHsmDoesNotSayHowLongAnUnwrappedKeyIs() throws Exception {
        byte[] ciphertext = token.importCiphertext(ACME, newDataKey());
        try (RawToken raw = token.raw()) {
            long importKey = raw.object(Ck.CKO_PRIVATE_KEY, KeyName.importKey(ACME, 1));
            long dataKey =
                    raw.cryptoki()
                            .unwrap(
                                    raw.session(),
                                    new Mechanism.Oaep(OaepHash.SHA1),
                                    importKey,
                                    ciphertext,
                                    Templates.dataKey());
            assertThat(raw.read(dataKey, Ck.CKA_VALUE_LEN)).containsOnly(0);
        }
    }

    private static int newKek() throws Exception {
        int version = custodian.keks(ACME).getLast().version() + 1;
        return custodian.createKek(ACME, version).version();
    }
}
