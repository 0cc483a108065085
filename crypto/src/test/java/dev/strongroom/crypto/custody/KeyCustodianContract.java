package dev.strongroom.crypto.custody;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.OWNER;
import static dev.strongroom.crypto.custody.OwnerSide.importCiphertext;
import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.WrapFormat;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every custodian does, whatever it keeps its keys in. One custodian serves all tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class KeyCustodianContract {
    private static final int THREADS = 4;

    private KeyCustodian custodian;
    private TestEnclave enclave;

    /** Makes the vault's keys where there are none, and opens them. */
    protected abstract KeyCustodian initialised() throws Exception;

    /** Opens what {@link #initialised} made and the test has closed since. */
    protected abstract KeyCustodian reopened() throws Exception;

    /** The one that every test uses. */
    protected final KeyCustodian custodian() {
        return custodian;
    }

    @BeforeAll
    void open() throws Exception {
        enclave = new TestEnclave(3072);
        custodian = initialised();
        custodian.createImportKey(ACME, 1);
        custodian.createKek(ACME, 1);
    }

    @AfterAll
    void close() {
        if (custodian != null) {
            custodian.close();
        }
    }

    @Test
    void theEnclaveGetsTheKeyThatTheClientWrapped() throws Exception {
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        var imported = imported(dataKey, binding, 1);
        int next = newKek();

        var stored = custodian.authenticate(custodian.rewrap(imported, next).encoded());
        var released = custodian.releaseTo(stored, enclave.attested(binding));

        assertThat(enclave.open(released)).isEqualTo(dataKey);
        assertThat(released.format()).isEqualTo(WrapFormat.of(custodian.info().oaepHash()));
        assertThat(released.kemKeyDigest()).isEqualTo(Digest.sha256(enclave.spki()));
        assertThat(stored.binding()).isEqualTo(binding);
        assertThat(stored.kekVersion()).isEqualTo(next);
    }

    @Test
    void everyKeyAndRecordBearsItsLevel() throws Exception {
        var level = custodian.info().level();
        int version = newKek();

        assertThat(custodian.keks(ACME)).allMatch(kek -> kek.level() == level);
        var stored = imported(newDataKey(), newBinding(ACME), version);
        assertThat(custodian.authenticate(stored.encoded()).level()).isEqualTo(level);
    }

    @Test
    void findsItsKeysAndRecordsAgainAfterARestart() throws Exception {
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        byte[] record = imported(dataKey, binding, 1).encoded();
        byte[] importKey = custodian.importKeySpki(ACME, 1);
        Digest ceremony = custodian.signer(SigningKey.CEREMONY, SigningKey.FIRST).keyId();
        List<KekInfo> keks = custodian.keks(ACME);
        CustodianInfo info = custodian.info();

        custodian.close();
        custodian = reopened();

        assertThat(custodian.info()).isEqualTo(info);
        assertThat(custodian.keks(ACME)).isEqualTo(keks);
        assertThat(custodian.importKeySpki(ACME, 1)).isEqualTo(importKey);
        assertThat(custodian.signer(SigningKey.CEREMONY, SigningKey.FIRST).keyId())
                .isEqualTo(ceremony);
        var stored = custodian.authenticate(record);
        assertThat(enclave.open(custodian.releaseTo(stored, enclave.attested(binding))))
                .isEqualTo(dataKey);
    }

    @Test
    void importKeysAreRsa3072() throws Exception {
        var encoded = new X509EncodedKeySpec(custodian.importKeySpki(ACME, 1));
        var key = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(encoded);

        assertThat(key.getModulus().bitLength()).isEqualTo(3072);
        assertThat(key.getPublicExponent()).isEqualTo(65537);
    }

    @Test
    void listsVersionsLowestFirst() throws Exception {
        newKek();
        newKek();

        List<Integer> versions = custodian.keks(ACME).stream().map(KekInfo::version).toList();

        assertThat(versions).isSorted().doesNotHaveDuplicates().startsWith(1);
        assertThat(custodian.keks(ACME)).extracting(KekInfo::keyId).doesNotHaveDuplicates();
    }

    @Test
    void aRetiredKekOpensForReleaseAndWrapsNothingNew() throws Exception {
        byte[] dataKey = newDataKey();
        var binding = newBinding(ACME);
        int old = newKek();
        int next = newKek();
        byte[] ciphertext = importCiphertext(custodian, ACME, dataKey);
        var stored = custodian.importWrapped(ciphertext, binding, 1, old);
        var other = imported(newDataKey(), newBinding(ACME), 1);

        custodian.retireKek(ACME, old);
        custodian.retireKek(ACME, old);

        assertThat(enclave.open(custodian.releaseTo(stored, enclave.attested(binding))))
                .isEqualTo(dataKey);
        assertRefused(Reason.KEK_RETIRED, () -> custodian.rewrap(other, old));
        assertRefused(
                Reason.KEK_RETIRED, () -> custodian.importWrapped(ciphertext, binding, 1, old));
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
    void aDestroyedKekIsGoneAndNeverMadeAgain() throws Exception {
        int old = newKek();
        var stored = custodian.rewrap(imported(newDataKey(), newBinding(ACME), 1), old);
        assertRefused(Reason.KEK_ACTIVE, () -> custodian.destroyKek(ACME, old));
        custodian.retireKek(ACME, old);

        custodian.destroyKek(ACME, old);
        custodian.destroyKek(ACME, old);

        assertThat(custodian.keks(ACME))
                .filteredOn(kek -> kek.version() == old)
                .extracting(KekInfo::state)
                .containsExactly(KekInfo.State.DESTROYED);
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createKek(ACME, old));
        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.rewrap(stored, newKek()));
        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.destroyKek(ACME, 777));
    }

    @Test
    void anOlderImportKeyStillOpensWhatWasSealedToIt() throws Exception {
        var tenant = new TenantName("two-imports");
        custodian.createKek(tenant, 1);
        byte[] first = custodian.createImportKey(tenant, 1);
        byte[] second = custodian.createImportKey(tenant, 2);
        assertThat(first).isNotEqualTo(second);
        byte[] dataKey = newDataKey();
        var binding = newBinding(tenant);
        byte[] sealedToFirst = OwnerSide.oaep(custodian.info().oaepHash(), first, dataKey);

        assertRefused(
                Reason.IMPORT_REFUSED, () -> custodian.importWrapped(sealedToFirst, binding, 2, 1));
        var stored = custodian.importWrapped(sealedToFirst, binding, 1, 1);
        assertThat(enclave.open(custodian.releaseTo(stored, enclave.attested(binding))))
                .isEqualTo(dataKey);
    }

    @Test
    void importsNoKeyOfAnotherSize() throws Exception {
        for (int size : new int[] {1, 8, 16, 24, 33, 40, 64}) {
            byte[] ciphertext = importCiphertext(custodian, ACME, new byte[size]);
            assertRefused(
                    Reason.IMPORT_REFUSED,
                    () -> custodian.importWrapped(ciphertext, newBinding(ACME), 1, 1));
        }
    }

    @Test
    void everyFaultOfAnImportIsTheSameRefusal() throws Exception {
        byte[] flipped = importCiphertext(custodian, ACME, newDataKey());
        flipped[200] ^= 1;
        byte[][] bad = {new byte[0], new byte[383], new byte[384], new byte[385], flipped};
        for (byte[] ciphertext : bad) {
            assertRefused(
                    Reason.IMPORT_REFUSED,
                    () -> custodian.importWrapped(ciphertext, newBinding(ACME), 1, 1));
        }
    }

    @Test
    void refusesAnotherTenantsImportCiphertext() throws Exception {
        var rival = new TenantName("rival");
        custodian.createImportKey(rival, 1);
        custodian.createKek(rival, 1);
        byte[] forAcme = importCiphertext(custodian, ACME, newDataKey());

        assertRefused(
                Reason.IMPORT_REFUSED,
                () -> custodian.importWrapped(forAcme, newBinding(rival), 1, 1));
        assertThat(custodian.keks(rival)).hasSize(1);
    }

    @Test
    void believesNoRecordThatItDidNotWrite() throws Exception {
        byte[] first = imported(newDataKey(), newBinding(ACME), 1).encoded();
        byte[] second = imported(newDataKey(), newBinding(ACME), 1).encoded();
        byte[] otherMac = first.clone();
        System.arraycopy(second, second.length - 32, otherMac, first.length - 32, 32);

        assertThat(custodian.authenticate(first).encoded()).isEqualTo(first);
        assertRefused(Reason.RECORD_NOT_AUTHENTIC, () -> custodian.authenticate(otherMac));
        assertRefused(Reason.RECORD_NOT_AUTHENTIC, () -> custodian.authenticate(new byte[0]));
        for (int i = 0; i < first.length; i += 7) {
            byte[] flipped = first.clone();
            flipped[i] ^= 1;
            assertRefused(Reason.RECORD_NOT_AUTHENTIC, () -> custodian.authenticate(flipped));
        }
    }

    @Test
    void whatWasReWrappedTogetherIsBelievedAndOpensAlone() throws Exception {
        int next = newKek();
        var dataKeys = new ArrayList<byte[]>();
        var stored = new ArrayList<WrappedKey.AtRest>();
        for (int i = 0; i < 5; i++) {
            dataKeys.add(newDataKey());
            stored.add(imported(dataKeys.get(i), newBinding(ACME), 1));
        }

        var moved = custodian.rewrapAll(stored, next);

        for (int i = 0; i < stored.size(); i++) {
            var binding = stored.get(i).binding();
            var alone = custodian.authenticate(moved.get(i).encoded());
            assertThat(alone.binding()).isEqualTo(binding);
            assertThat(alone.kekVersion()).isEqualTo(next);
            assertThat(enclave.open(custodian.releaseTo(alone, enclave.attested(binding))))
                    .isEqualTo(dataKeys.get(i));
        }
    }

    @Test
    void provesTogetherWhatWasProvenAloneAndChangesNothingElse() throws Exception {
        byte[] dataKey = newDataKey();
        var first = imported(dataKey, newBinding(ACME), 1);
        var second = imported(newDataKey(), newBinding(ACME), 1);
        assertThat(WrappedKey.AtRest.standsAlone(first.encoded())).isTrue();

        var together = custodian.gather(List.of(first, second));

        for (var record : together) {
            assertThat(WrappedKey.AtRest.standsAlone(record.encoded())).isFalse();
        }
        var read = custodian.authenticate(together.getFirst().encoded());
        assertThat(read.binding()).isEqualTo(first.binding());
        assertThat(read.wrapped()).isEqualTo(first.wrapped());
        assertThat(enclave.open(custodian.releaseTo(read, enclave.attested(first.binding()))))
                .isEqualTo(dataKey);
        assertThat(custodian.authenticate(first.encoded()).binding()).isEqualTo(first.binding());
        assertThat(WrappedKey.AtRest.standsAlone(new byte[0])).isFalse();
    }

    @Test
    void authenticatesEachOfManyByItself() throws Exception {
        var first = imported(newDataKey(), newBinding(ACME), 1);
        var pair = custodian.rewrapAll(List.of(first, first), newKek());
        byte[] changed = pair.getFirst().encoded();
        changed[changed.length / 2] ^= 1;
        List<byte[]> records =
                List.of(
                        first.encoded(),
                        changed,
                        pair.getLast().encoded(),
                        new byte[0],
                        pair.getFirst().encoded());

        var read = custodian.authenticateAll(records);

        assertThat(read)
                .extracting(Optional::isPresent)
                .containsExactly(true, false, true, false, true);
        assertThat(read.getLast().orElseThrow().encoded()).isEqualTo(records.getLast());
        assertThat(custodian.authenticateAll(List.of())).isEmpty();
    }

    @Test
    void movesOnlyWhatIsUnderOneKey() throws Exception {
        int next = newKek();
        var one = imported(newDataKey(), newBinding(ACME), 1);
        var other = imported(newDataKey(), newBinding(ACME), next);

        assertThatThrownBy(() -> custodian.rewrapAll(List.of(one, other), next))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> custodian.rewrapAll(List.of(), next))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesEvidenceForAnotherVersionOwnerOrTenant() throws Exception {
        var binding = newBinding(ACME);
        var stored = imported(newDataKey(), binding, 1);
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
        var stored = imported(newDataKey(), binding, 1);
        var weak = new TestEnclave(2048).attested(binding);

        assertRefused(Reason.RELEASE_KEY_REFUSED, () -> custodian.releaseTo(stored, weak));
    }

    @Test
    void makesNoKeyThatWasNotAskedFor() throws Exception {
        var nobody = new TenantName("nobody");
        var stored = imported(newDataKey(), newBinding(ACME), 1);

        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.importKeySpki(nobody, 1));
        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.retireKek(nobody, 1));
        assertRefused(
                Reason.KEY_NOT_FOUND,
                () -> custodian.importWrapped(new byte[384], newBinding(nobody), 1, 1));
        assertRefused(Reason.KEY_NOT_FOUND, () -> custodian.rewrap(stored, 999));
        assertThat(custodian.keks(nobody)).isEmpty();
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createKek(ACME, 1));
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createImportKey(ACME, 1));
    }

    @Test
    void signsWithThreeDifferentKeys() throws Exception {
        byte[] message = {1, 2, 3};
        List<Digest> ids = new ArrayList<>();
        for (SigningKey key : SigningKey.values()) {
            TokenSigner signer = custodian.signer(key, SigningKey.FIRST);
            Signature verifier = Signature.getInstance("SHA256withECDSA");
            verifier.initVerify(
                    KeyFactory.getInstance("EC")
                            .generatePublic(new X509EncodedKeySpec(signer.spki())));
            verifier.update(message);
            assertThat(verifier.verify(signer.sign(message))).isTrue();
            ids.add(signer.keyId());
        }
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void itsOwnKeysHaveVersions() throws Exception {
        TokenSigner first = custodian.signer(SigningKey.TLS, SigningKey.FIRST);
        TokenSigner second = custodian.createSigner(SigningKey.TLS, 2);
        custodian.discardTornSigner(SigningKey.TLS, 2);

        assertThat(second.keyId()).isNotEqualTo(first.keyId());
        assertThat(first.sign(new byte[1])).isNotEmpty();
        assertThat(second.sign(new byte[1])).isNotEmpty();
        assertRefused(Reason.KEY_EXISTS, () -> custodian.createSigner(SigningKey.TLS, 2));

        custodian.destroySigner(SigningKey.TLS, SigningKey.FIRST);
        custodian.destroySigner(SigningKey.TLS, SigningKey.FIRST);
        custodian.close();
        custodian = reopened();

        assertRefused(
                Reason.KEY_NOT_FOUND, () -> custodian.signer(SigningKey.TLS, SigningKey.FIRST));
        assertThat(custodian.signer(SigningKey.TLS, 2).keyId()).isEqualTo(second.keyId());
        assertThatThrownBy(() -> custodian.createSigner(SigningKey.CEREMONY, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void threadsGetTheirOwnKeysBack() throws Exception {
        int next = newKek();
        Callable<Void> path =
                () -> {
                    for (int i = 0; i < 5; i++) {
                        byte[] dataKey = newDataKey();
                        var binding = newBinding(ACME);
                        var moved = custodian.rewrap(imported(dataKey, binding, 1), next);
                        var released = custodian.releaseTo(moved, enclave.attested(binding));
                        assertThat(enclave.open(released)).isEqualTo(dataKey);
                    }
                    return null;
                };
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Void> done :
                    threads.invokeAll(IntStream.range(0, THREADS).mapToObj(i -> path).toList())) {
                done.get();
            }
        }
    }

    private WrappedKey.AtRest imported(byte[] dataKey, WrapBinding binding, int kekVersion)
            throws Exception {
        return custodian.importWrapped(
                importCiphertext(custodian, ACME, dataKey), binding, 1, kekVersion);
    }

    private int newKek() throws Exception {
        int version = custodian.keks(ACME).getLast().version() + 1;
        return custodian.createKek(ACME, version).version();
    }
}
