package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.KeyCustodianContract;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The custodian's contract on a key store file. */
@Tag("keys")
class BcfksCustodianTest extends KeyCustodianContract {
    @TempDir private static Path dir;
    private String serial = "";

    @Override
    protected KeyCustodian initialised() throws Exception {
        BcfksCustodian custodian = TestStore.in(dir).initialise();
        serial = custodian.info().tokenSerial();
        return custodian;
    }

    @Override
    protected KeyCustodian reopened() throws Exception {
        return TestStore.in(dir).open(serial);
    }
}
