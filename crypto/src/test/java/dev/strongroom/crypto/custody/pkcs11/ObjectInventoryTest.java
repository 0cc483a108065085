package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a check-up says of every object in a token. */
class ObjectInventoryTest {
    @Test
    void namesEachObjectAndThoseThatNobodyKnows() throws Exception {
        SoftHsm softHsm;
        try (TestToken token = TestToken.make();
                RawToken raw = token.raw()) {
            softHsm = token.softHsm();
            token.custodian().createKek(ACME, 2);
            token.custodian().retireKek(ACME, 1);
            raw.create(Templates.kek(KeyName.kek(ACME, 7)).bytes(Ck.CKA_VALUE, newDataKey()));
            var stranger = new KeyName("somebody's key", KeyName.kek(ACME, 8).id());
            raw.create(Templates.kek(stranger).bytes(Ck.CKA_VALUE, newDataKey()));
            var misplaced = new KeyName(KeyName.kek(ACME, 9).label(), KeyName.kek(ACME, 8).id());
            raw.create(Templates.kek(misplaced).bytes(Ck.CKA_VALUE, newDataKey()));
        }

        List<TokenObject> objects = ModuleReport.inside(TestToken.config(softHsm)).objects();

        assertThat(objects)
                .filteredOn(object -> object.standing() == TokenObject.Standing.AS_MADE)
                .extracting(TokenObject::role)
                .containsExactlyInAnyOrder(
                        "key of the records' MACs",
                        "key-encryption key acme/1",
                        "key-encryption key acme/2",
                        "mark: key-encryption key acme/1 is retired",
                        "import key acme/1",
                        "the vault's ceremony key, version 1",
                        "the vault's ceremony key, version 1",
                        "the vault's signing key, version 1",
                        "the vault's signing key, version 1",
                        "the vault's ca key, version 1",
                        "the vault's ca key, version 1",
                        "the vault's tls key, version 1",
                        "the vault's tls key, version 1");
        assertThat(objects)
                .filteredOn(object -> object.standing() == TokenObject.Standing.NOT_AS_MADE)
                .extracting(TokenObject::label)
                .containsExactly("strongroom/kek/acme/7", "strongroom/kek/acme/9");
        assertThat(objects)
                .filteredOn(object -> object.standing() == TokenObject.Standing.UNKNOWN)
                .extracting(TokenObject::label)
                .containsExactly("somebody's key");
        assertThat(objects)
                .filteredOn(object -> object.role().equals("key-encryption key acme/2"))
                .singleElement()
                .satisfies(kek ->
                        assertThat(kek.flags())
                                .contains("CKA_PRIVATE", "CKA_SENSITIVE", "CKA_WRAP", "CKA_UNWRAP")
                                .doesNotContain(
                                        "CKA_EXTRACTABLE", "CKA_DECRYPT", "CKA_MODIFIABLE"));
    }
}
