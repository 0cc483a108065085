package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.OwnerSide.ACME;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.util.List;

/** A SoftHSM2 token whose tenant keys come from a ceremony, opened. */
final class CeremonyToken implements AutoCloseable {
    private final SoftHsm softHsm;
    private final CeremonyTranscript transcript;
    private final Pkcs11Custodian custodian;

    private CeremonyToken(
            SoftHsm softHsm, CeremonyTranscript transcript, Pkcs11Custodian custodian) {
        this.softHsm = softHsm;
        this.transcript = transcript;
        this.custodian = custodian;
    }

    static CeremonyToken make(int firstKek, int lastKek, byte[] recipient) throws CustodyException {
        SoftHsm softHsm = SoftHsm.inThisProcess();
        Pkcs11Custodian.initialise(config(softHsm)).close();
        var transcript = Ceremony.hold(plan(softHsm, firstKek, lastKek, List.of(recipient)));
        return new CeremonyToken(
                softHsm, transcript, Pkcs11Custodian.open(config(softHsm), softHsm.serial()));
    }

    private static Pkcs11Config config(SoftHsm softHsm) {
        return new Pkcs11Config(
                Pkcs11Module.at(softHsm.module()),
                softHsm.label(),
                PinSource.file(softHsm.pinFile()),
                KeyOrigin.CEREMONY);
    }

    CeremonyPlan plan(int firstKek, int lastKek, List<byte[]> recipients) {
        return plan(softHsm, firstKek, lastKek, recipients);
    }

    private static CeremonyPlan plan(
            SoftHsm softHsm, int firstKek, int lastKek, List<byte[]> recipients) {
        return new CeremonyPlan(
                Pkcs11Module.at(softHsm.module()),
                softHsm.label(),
                PinSource.file(softHsm.pinFile()), // the test kit gives both the same PIN
                ACME,
                firstKek,
                lastKek,
                1,
                recipients);
    }

    SoftHsm softHsm() {
        return softHsm;
    }

    CeremonyTranscript transcript() {
        return transcript;
    }

    Pkcs11Custodian custodian() {
        return custodian;
    }

    /** Another session of this process, which is logged in: what any holder of the PIN has. */
    RawToken raw() throws CustodyException, Pkcs11Exception {
        Cryptoki cryptoki = Cryptoki.load(Pkcs11Module.at(softHsm.module()));
        var slot = TokenChoice.bySerial(cryptoki, softHsm.label(), softHsm.serial()).slot();
        return new RawToken(cryptoki, cryptoki.openSession(slot));
    }

    @Override
    public void close() {
        custodian.close();
    }
}
