package dev.strongroom.crypto.custody.bcfks;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The password for as long as one opening or one change takes; closing overwrites it. Each byte of
 * the source is one character, so a password need not be text. What Bouncy Castle makes of it on
 * the way to scrypt is ordinary garbage.
 */
final class StorePassword implements AutoCloseable {
    private static final String HMAC = "HmacSHA256";
    private static final int BYTE_MASK = 0xff;

    private final char[] characters;

    private StorePassword(char[] characters) {
        this.characters = characters;
    }

    /**
     * @throws CustodyException PIN_NOT_USABLE
     */
    static StorePassword read(PinSource source) throws CustodyException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = source.read(arena);
            char[] characters = new char[(int) bytes.byteSize()];
            for (int i = 0; i < characters.length; i++) {
                characters[i] = (char) (bytes.get(ValueLayout.JAVA_BYTE, i) & BYTE_MASK);
            }
            bytes.fill((byte) 0);
            return new StorePassword(characters);
        }
    }

    char[] characters() {
        return characters;
    }

    /** A keyed digest of the password. */
    byte[] tag(byte[] salt) throws CustodyException {
        byte[] bytes = new byte[characters.length];
        try {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) characters[i];
            }
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(salt, HMAC));
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new CustodyException(Reason.TOKEN_FAILED, "this Java has no " + HMAC, e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    @Override
    public void close() {
        Arrays.fill(characters, '\0');
    }
}
