package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import java.lang.foreign.MemorySegment;

/** What a module expects as a PIN; looked at before the one attempt is spent. */
enum PinForm {
    ANY_BYTES {
        @Override
        void check(MemorySegment pin) {}
    },
    /** A crypto user's name and his password, with a colon between. */
    USER_AND_PASSWORD {
        @Override
        void check(MemorySegment pin) throws CustodyException {
            for (long i = 1; i < pin.byteSize() - 1; i++) {
                if (pin.get(JAVA_BYTE, i) == ':') {
                    return;
                }
            }
            throw new CustodyException(
                    Reason.PIN_NOT_USABLE,
                    "PIN: expected the form user:password for this module; no login was tried");
        }
    };

    /** The same PIN, refused before it is used if it has another form. */
    PinSource checked(PinSource source) {
        return arena -> {
            MemorySegment pin = source.read(arena);
            try {
                check(pin);
            } catch (CustodyException e) {
                pin.fill((byte) 0);
                throw e;
            }
            return pin;
        };
    }

    /**
     * @throws CustodyException PIN_NOT_USABLE if the module would refuse it by its form alone
     */
    abstract void check(MemorySegment pin) throws CustodyException;
}
