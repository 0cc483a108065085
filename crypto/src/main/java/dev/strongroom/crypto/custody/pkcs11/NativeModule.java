package dev.strongroom.crypto.custody.pkcs11;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * A loaded PKCS#11 library and its function list, on an LP64 system: CK_ULONG is 64 bits and
 * structures are naturally aligned. The library is never unloaded.
 *
 * <p>Thread-safe as far as the module is.
 */
final class NativeModule {
    private static final long FIRST_POINTER_OFFSET = 8; // after CK_VERSION and its padding
    private static final long FUNCTIONS = 68; // C_Initialize … C_WaitForSlotEvent
    private static final MethodType SPREAD = MethodType.methodType(long.class, Object[].class);

    private final Linker linker = Linker.nativeLinker();
    private final MemorySegment functionList;
    private final Map<CkFunction, MethodHandle> handles = new EnumMap<>(CkFunction.class);

    /**
     * @throws IllegalArgumentException if the library cannot be loaded
     * @throws Pkcs11Exception if it gives no function list
     */
    // Calling into a C library is what this class is for; the launcher enables it for this module.
    @SuppressWarnings("restricted")
    NativeModule(Path library) throws Pkcs11Exception {
        MemorySegment entry =
                SymbolLookup.libraryLookup(library, Arena.global())
                        .find("C_GetFunctionList")
                        .orElseThrow(() -> new IllegalArgumentException(library + ": not PKCS#11"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ADDRESS);
            invoke("C_GetFunctionList", link(entry, "P"), pointer);
            functionList =
                    pointer.get(ADDRESS, 0)
                            .reinterpret(FIRST_POINTER_OFFSET + FUNCTIONS * ADDRESS.byteSize());
        }
        for (CkFunction function : CkFunction.values()) {
            handles.put(function, bind(function.index(), function.parameters()));
        }
    }

    /** Calls a function that must return CKR_OK. */
    void call(CkFunction function, Object... arguments) throws Pkcs11Exception {
        invoke(function.name(), handle(function), arguments);
    }

    /** Binds any function of the list; parameters as in {@link CkFunction}. */
    MethodHandle bind(int index, String parameters) {
        long offset = FIRST_POINTER_OFFSET + index * ADDRESS.byteSize();
        return link(functionList.get(ADDRESS, offset), parameters);
    }

    static void invoke(String name, MethodHandle handle, Object... arguments)
            throws Pkcs11Exception {
        long result;
        try {
            result = (long) handle.invokeExact(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(name + ": the call itself failed", e);
        }
        if (result != CkResult.OK) {
            throw new Pkcs11Exception(name, result);
        }
    }

    private MethodHandle handle(CkFunction function) {
        MethodHandle handle = handles.get(function);
        if (handle == null) {
            throw new IllegalStateException(function + " is not bound");
        }
        return handle;
    }

    // As above.
    @SuppressWarnings("restricted")
    private MethodHandle link(MemorySegment address, String parameters) {
        MemoryLayout[] layouts =
                parameters.chars().mapToObj(NativeModule::layout).toArray(MemoryLayout[]::new);
        return linker.downcallHandle(address, FunctionDescriptor.of(JAVA_LONG, layouts))
                .asSpreader(Object[].class, layouts.length)
                .asType(SPREAD);
    }

    private static MemoryLayout layout(int parameter) {
        return switch (parameter) {
            case 'L' -> JAVA_LONG;
            case 'P' -> ADDRESS;
            case 'B' -> JAVA_BYTE;
            default -> throw new IllegalArgumentException("parameter: " + (char) parameter);
        };
    }
}
