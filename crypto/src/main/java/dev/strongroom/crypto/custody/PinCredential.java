package dev.strongroom.crypto.custody;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a PIN that systemd passes as a credential. The environment says in which folder; the PIN
 * itself is never in it.
 *
 * @param folder where the credentials of this service are, null when it has none
 */
record PinCredential(String name, Supplier<@Nullable String> folder) implements PinSource {
    PinCredential {
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")) {
            throw new IllegalArgumentException("credential: expected a name, no path");
        }
    }

    @Override
    public MemorySegment read(Arena arena) throws CustodyException {
        String in = folder.get();
        if (in == null) {
            throw PinBytes.notUsable(
                    "PIN credential " + name,
                    "this process has no credentials; set LoadCredential= or"
                            + " LoadCredentialEncrypted= in its unit",
                    null);
        }
        return new PinFile(Path.of(in, name), PinFile.Readers.OWNER_AND_ACCESS_LIST).read(arena);
    }

    @Override
    public String toString() {
        return "PinCredential[" + name + "]";
    }
}
