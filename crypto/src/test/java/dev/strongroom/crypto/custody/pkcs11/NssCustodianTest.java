package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.newBinding;
import static dev.strongroom.crypto.custody.OwnerSide.newDataKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.KeyCustodianContract;
import dev.strongroom.crypto.custody.OwnerSide;
import dev.strongroom.crypto.custody.rules.KeyName;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.WrapFormat;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Objects;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same contract on NSS softoken, which speaks another dialect and enforces less. */
@Tag("keys")
class NssCustodianTest extends KeyCustodianContract {
    @TempDir private static Path folder;

    private @Nullable NssToken token;

    @Override
    protected KeyCustodian initialised() throws Exception {
        token = NssToken.make(folder);
        return Pkcs11Custodian.initialise(token.config());
    }

    @Override
    protected KeyCustodian reopened() throws Exception {
        var made = Objects.requireNonNull(token);
        return Pkcs11Custodian.open(made.config(), made.serial());
    }

    @Test
    void reportsWhatNssDoesNotEnforce() {
        var report = custodian().info().capabilities();

        assertThat(report.profile()).isEqualTo("nss");
        assertThat(report.wrapFormats())
                .containsExactlyInAnyOrder(WrapFormat.RFC3394_KW, WrapFormat.RFC5649_KWP);
        assertThat(report.oaepHashes()).containsExactlyInAnyOrder(OaepHash.values());
        assertThat(report.held())
                .containsAll(Guarantee.ESSENTIAL)
                .doesNotContain(
                        Guarantee.UNEXTRACTABLE_STAYS,
                        Guarantee.UNWRAP_TEMPLATE,
                        Guarantee.WRAP_WITH_TRUSTED);
    }

    /** Two bindings that have nothing in common but the module agree on every byte. */
    @Test
    void javasOwnBindingUnwrapsWhatWeWrappedAndWrapsItTheSame() throws Exception {
        var tenant = new TenantName("cross-check");
        custodian().createImportKey(tenant, 1);
        custodian().createKek(tenant, 1);
        byte[] forImport = OwnerSide.importCiphertext(custodian(), tenant, newDataKey());
        byte[] ours = custodian().importWrapped(forImport, newBinding(tenant), 1, 1).wrapped();
        Provider sun = javasOwnBinding();
        var keys = KeyStore.getInstance("PKCS11", sun);
        keys.load(null, null);
        Key kek = keys.getKey(KeyName.kek(tenant, 1).label(), null);

        Cipher unwrapping = Cipher.getInstance("AES/KW/NoPadding", sun);
        unwrapping.init(Cipher.UNWRAP_MODE, kek);
        Key dataKey = unwrapping.unwrap(ours, "AES", Cipher.SECRET_KEY);
        Cipher wrapping = Cipher.getInstance("AES/KW/NoPadding", sun);
        wrapping.init(Cipher.WRAP_MODE, kek);

        assertThat(dataKey.getEncoded()).as("it stays in the token").isNull();
        assertThat(wrapping.wrap(dataKey)).isEqualTo(ours);
    }

    private Provider javasOwnBinding() throws Exception {
        Pkcs11Config config = Objects.requireNonNull(token).config();
        var slot = TokenChoice.byLabel(Cryptoki.load(config.module()), config.tokenLabel()).slot();
        return Security.getProvider("SunPKCS11")
                .configure(
                        """
                        --name = CrossCheck
                        library = %s
                        slot = %d
                        allowLegacy = true
                        attributes(import, CKO_SECRET_KEY, CKK_AES) = {
                          CKA_SENSITIVE = true
                          CKA_EXTRACTABLE = true
                        }
                        """
                                .formatted(config.module().library(), slot));
    }
}
