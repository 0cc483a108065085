package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.KeyCustodianContract;
import dev.strongroom.testkit.softhsm.SoftHsm;
import org.junit.jupiter.api.Tag;

/** The custodian's contract on SoftHSM2. */
@Tag("keys")
class SoftHsmCustodianTest extends KeyCustodianContract {
    private final SoftHsm token = SoftHsm.inThisProcess();

    @Override
    protected KeyCustodian initialised() throws Exception {
        return Pkcs11Custodian.initialise(TestToken.config(token));
    }

    @Override
    protected KeyCustodian reopened() throws Exception {
        return Pkcs11Custodian.open(TestToken.config(token), token.serial());
    }
}
