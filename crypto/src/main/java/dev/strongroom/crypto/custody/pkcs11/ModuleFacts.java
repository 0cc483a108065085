package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.pkcs11.CkFunction.*;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a module says about itself, its tokens and their mechanisms; it needs no login. */
final class ModuleFacts {
    private static final int MAX_SLOTS = 256;
    private static final int MAX_MECHANISMS = 1024;

    /** What C_GetInfo says about the module. */
    record ModuleInfo(String manufacturer, int major, int minor) {
        String name() {
            return "%s %d.%d".formatted(manufacturer, major, minor);
        }
    }

    /** What C_GetTokenInfo says about an initialised token. */
    record TokenInfo(long slot, String label, String serial) {}

    private final NativeModule module;

    ModuleFacts(NativeModule module) {
        this.module = module;
    }

    ModuleInfo info() throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(88, Long.BYTES); // CK_INFO
            module.call(C_GET_INFO, info);
            return new ModuleInfo(
                    padded(info, 2, 32), info.get(JAVA_BYTE, 80), info.get(JAVA_BYTE, 81));
        }
    }

    /**
     * Every initialised token that answers: a slot whose token is gone must not hide the others.
     */
    List<TokenInfo> tokens() throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocateFrom(JAVA_LONG, MAX_SLOTS);
            MemorySegment slots = arena.allocate(JAVA_LONG, MAX_SLOTS);
            module.call(C_GET_SLOT_LIST, (byte) 1, slots, count);
            List<TokenInfo> tokens = new ArrayList<>();
            for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
                addToken(arena, slots.getAtIndex(JAVA_LONG, i), tokens);
            }
            return tokens;
        }
    }

    private void addToken(Arena arena, long slot, List<TokenInfo> tokens) {
        MemorySegment info = arena.allocate(208, Long.BYTES); // CK_TOKEN_INFO
        try {
            module.call(C_GET_TOKEN_INFO, slot, info);
        } catch (Pkcs11Exception ignored) {
            return; // a token that cannot be named is not found, and that is reported
        }
        if ((info.get(JAVA_LONG, 96) & Ck.CKF_TOKEN_INITIALIZED) != 0) {
            tokens.add(new TokenInfo(slot, padded(info, 0, 32), padded(info, 80, 16)));
        }
    }

    /** The mechanisms that a slot's token offers, with what they can be used for. */
    Map<Long, Long> mechanisms(long slot) throws Pkcs11Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocateFrom(JAVA_LONG, MAX_MECHANISMS);
            MemorySegment list = arena.allocate(JAVA_LONG, MAX_MECHANISMS);
            module.call(C_GET_MECHANISM_LIST, slot, list, count);
            Map<Long, Long> flags = new TreeMap<>();
            MemorySegment info = arena.allocate(24, Long.BYTES); // CK_MECHANISM_INFO
            for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
                long type = list.getAtIndex(JAVA_LONG, i);
                module.call(C_GET_MECHANISM_INFO, slot, type, info);
                flags.put(type, info.get(JAVA_LONG, 16));
            }
            return flags;
        }
    }

    private static String padded(MemorySegment structure, long offset, int length) {
        byte[] text = structure.asSlice(offset, length).toArray(JAVA_BYTE);
        return new String(Arrays.copyOf(text, length), StandardCharsets.UTF_8).stripTrailing();
    }
}
