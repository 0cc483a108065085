package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.Refusals.assertRefused;
import static dev.strongroom.crypto.custody.pkcs11.TestToken.ACME;
import static dev.strongroom.crypto.custody.pkcs11.TestToken.OWNER;
import static dev.strongroom.crypto.custody.pkcs11.TestToken.newBinding;
import static dev.strongroom.crypto.custody.pkcs11.TestToken.newDataKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A data key's way through the token: client, key-encryption key, the next one, enclave. */
class KeyPathTest {
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
    void theEnclaveGetsTheKeyThatTheClientWrapped() throws Exception {
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        WrappedKey.AtRest imported = token.imported(dataKey, binding);
        int next = newKek();

        var stored = custodian.authenticate(custodian.rewrap(imported, next).encoded());
        var released = custodian.releaseTo(stored, enclave.attested(binding));

        assertThat(enclave.open(released)).isEqualTo(dataKey);
        assertThat(released.format()).isEqualTo(WrapFormat.RSA_OAEP_SHA1);
        assertThat(released.kemKeyDigest()).isEqualTo(Digest.sha256(enclave.spki()));
        assertThat(stored.binding()).isEqualTo(binding);
        assertThat(stored.kekVersion()).isEqualTo(next);
        assertThat(stored.wrapFormat()).isEqualTo(WrapFormat.RFC3394_KW);
    }

    @Test
    void aRetiredKekOpensForReleaseAndWrapsNothingNew() throws Exception {
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        int old = newKek();
        int next = newKek();
        byte[] ciphertext = token.importCiphertext(ACME, dataKey);
        var stored = custodian.importWrapped(ciphertext, binding, old);
        var other = token.imported(newDataKey(), newBinding(ACME));

        custodian.retireKek(ACME, old);
        custodian.retireKek(ACME, old);

        assertThat(enclave.open(custodian.releaseTo(stored, enclave.attested(binding))))
                .isEqualTo(dataKey);
        assertRefused(Reason.KEK_RETIRED, () -> custodian.rewrap(other, old));
        assertRefused(Reason.KEK_RETIRED, () -> custodian.importWrapped(ciphertext, binding, old));
        var moved = custodian.rewrap(stored, next);
        assertThat(enclave.open(custodian.releaseTo(moved, enclave.attested(binding))))
                .isEqualTo(dataKey);
        assertThat(custodian.keks(ACME))
                .filteredOn(kek -> kek.version() == old)
                .extracting(KekInfo::state)
                .containsExactly(KekInfo.State.RETIRED);
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createKek(ACME, old));
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
                        () -> custodian.importWrapped(ciphertext, newBinding(ACME), 1));
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

    @Test
    void importsNoKeyOfAnotherSize() throws Exception {
        for (int size : new int[] {1, 8, 16, 24, 33, 40, 64}) {
            byte[] ciphertext = token.importCiphertext(ACME, new byte[size]);
            assertRefused(
                    Reason.IMPORT_REFUSED,
                    () -> custodian.importWrapped(ciphertext, newBinding(ACME), 1));
        }
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

    @Test
    void everyFaultOfAnImportIsTheSameRefusal() throws Exception {
        byte[] good = token.importCiphertext(ACME, newDataKey());
        byte[] flipped = good.clone();
        flipped[200] ^= 1;
        byte[][] bad = {new byte[0], new byte[383], new byte[384], new byte[385], flipped};
        for (byte[] ciphertext : bad) {
            assertRefused(
                    Reason.IMPORT_REFUSED,
                    () -> custodian.importWrapped(ciphertext, newBinding(ACME), 1));
        }
    }

    @Test
    void refusesAnotherTenantsImportCiphertext() throws Exception {
        var rival = new TenantName("rival");
        custodian.createImportKey(rival);
        custodian.createKek(rival, 1);
        byte[] forAcme = token.importCiphertext(ACME, newDataKey());

        assertRefused(
                Reason.IMPORT_REFUSED,
                () -> custodian.importWrapped(forAcme, newBinding(rival), 1));
    }

    @Test
    void refusesEvidenceForAnotherVersionOwnerOrTenant() throws Exception {
        var binding = newBinding(ACME);
        var stored = token.imported(newDataKey(), binding);
        var otherDigest = Digest.sha256(new byte[] {9});
        var manifest = binding.manifestDigest();

        for (var attested :
                List.of(
                        enclave.attested("acme", OWNER, otherDigest),
                        enclave.attested("acme", otherDigest, manifest),
                        enclave.attested("rival", OWNER, manifest))) {
            assertRefused(Reason.RELEASE_NOT_BOUND, () -> custodian.releaseTo(stored, attested));
        }
    }

    @Test
    void releasesToNoWeakerKey() throws Exception {
        var binding = newBinding(ACME);
        var stored = token.imported(newDataKey(), binding);
        var weak = new TestEnclave(2048).attested(binding);

        assertRefused(Reason.RELEASE_KEY_REFUSED, () -> custodian.releaseTo(stored, weak));
    }

    @Test
    void makesNoKeyThatWasNotAskedFor() throws Exception {
        var nobody = new TenantName("nobody");

        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.importKeySpki(nobody));
        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.retireKek(nobody, 1));
        assertRefused(
                Reason.KEY_NOT_FOUND,
                () -> custodian.importWrapped(new byte[384], newBinding(nobody), 1));
        assertThat(custodian.keks(nobody)).isEmpty();
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createKek(ACME, 1));
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createImportKey(ACME));
    }

    private static int newKek() throws Exception {
        int version = custodian.keks(ACME).getLast().version() + 1;
        return custodian.createKek(ACME, version).version();
    }
}
