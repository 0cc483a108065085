package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CapabilityReport;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.Guarantee;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Asks a module, before it is used, to prove what its profile claims: known answers of both wraps,
 * and refusals. Works on session objects with published values; the token keeps nothing of it.
 */
final class SelfTest {
    private final ModuleProfile profile;
    private final KnownAnswers answers;
    private final GuaranteeProbe probe;

    SelfTest(Cryptoki cryptoki, ModuleProfile profile, SessionLeases sessions) {
        this.profile = profile;
        answers = new KnownAnswers(cryptoki, profile, sessions);
        probe = new GuaranteeProbe(cryptoki, profile, sessions);
    }

    /**
     * Tries everything, claimed or not.
     *
     * @throws CustodyException SELF_TEST_FAILED, naming the claim that does not hold
     */
    CapabilityReport run() throws CustodyException {
        requireKeyWrap();
        Set<Guarantee> held = requireGuarantees();
        Set<WrapFormat> formats = answers.formats();
        Set<OaepHash> hashes = answers.oaepHashes();
        require(hashes.contains(profile.oaep()), "RSA-OAEP with " + profile.oaep().algorithm());
        return new CapabilityReport(
                profile.name().label(),
                profile.basis(),
                List.copyOf(formats),
                List.copyOf(hashes),
                held);
    }

    private void requireKeyWrap() throws CustodyException {
        boolean asClaimed =
                answers.format(profile.keyWrap())
                        .filter(format -> format == profile.keyWrapFormat())
                        .isPresent();
        require(
                asClaimed,
                "mechanism 0x%x gives the answer of %s"
                        .formatted(profile.keyWrap().type(), profile.keyWrapFormat()));
    }

    private Set<Guarantee> requireGuarantees() throws CustodyException {
        Set<Guarantee> held = EnumSet.noneOf(Guarantee.class);
        for (Guarantee guarantee : Guarantee.values()) {
            boolean holds = probe.holds(guarantee);
            require(holds || !isClaimed(guarantee), guarantee.claim());
            if (holds) {
                held.add(guarantee);
            }
        }
        return held;
    }

    private boolean isClaimed(Guarantee guarantee) {
        return profile.claims().contains(guarantee) || Guarantee.ESSENTIAL.contains(guarantee);
    }

    private void require(boolean holds, String claim) throws CustodyException {
        if (!holds) {
            throw new CustodyException(
                    Reason.SELF_TEST_FAILED,
                    "the module does not hold this claim of its profile %s, so it is not used: %s"
                            .formatted(profile.name().label(), claim));
        }
    }

    /** An answer drawn from a failure of the module itself; any other failure is none. */
    static <T> T ofModule(CustodyException failure, T answer) throws CustodyException {
        boolean byModule =
                failure.reason() == Reason.SELF_TEST_FAILED
                        || failure.getCause() instanceof Pkcs11Exception;
        if (!byModule) {
            throw failure;
        }
        return answer;
    }
}
