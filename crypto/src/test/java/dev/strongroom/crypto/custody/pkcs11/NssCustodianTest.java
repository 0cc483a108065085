package dev.strongroom.crypto.custody.pkcs11;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.KeyCustodianContract;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same contract on NSS softoken, which speaks another dialect and enforces less. */
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
}
