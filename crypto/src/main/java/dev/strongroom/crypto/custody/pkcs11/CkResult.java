package dev.strongroom.crypto.custody.pkcs11;

import java.util.Map;

/** Return values of PKCS#11 v2.40: those we act on, and names for the ones a log should show. */
final class CkResult {
    static final long OK = 0;
    static final long ATTRIBUTE_SENSITIVE = 0x11;
    static final long ATTRIBUTE_TYPE_INVALID = 0x12;
    static final long KEY_FUNCTION_NOT_PERMITTED = 0x68;
    static final long KEY_UNEXTRACTABLE = 0x6a;
    static final long PIN_INCORRECT = 0xa0;
    static final long PIN_LOCKED = 0xa4;
    static final long SIGNATURE_INVALID = 0xc0;
    static final long SIGNATURE_LEN_RANGE = 0xc1;
    static final long TEMPLATE_INCONSISTENT = 0xd1;
    static final long BUFFER_TOO_SMALL = 0x150;
    static final long USER_ALREADY_LOGGED_IN = 0x100;
    static final long USER_ANOTHER_ALREADY_LOGGED_IN = 0x104;
    static final long SESSION_COUNT = 0xb1;
    static final long CRYPTOKI_NOT_INITIALIZED = 0x190;
    static final long CRYPTOKI_ALREADY_INITIALIZED = 0x191;

    private static final Map<Long, String> NAMES =
            Map.ofEntries(
                    Map.entry(0x02L, "HOST_MEMORY"),
                    Map.entry(0x03L, "SLOT_ID_INVALID"),
                    Map.entry(0x05L, "GENERAL_ERROR"),
                    Map.entry(0x06L, "FUNCTION_FAILED"),
                    Map.entry(0x07L, "ARGUMENTS_BAD"),
                    Map.entry(0x10L, "ATTRIBUTE_READ_ONLY"),
                    Map.entry(ATTRIBUTE_SENSITIVE, "ATTRIBUTE_SENSITIVE"),
                    Map.entry(ATTRIBUTE_TYPE_INVALID, "ATTRIBUTE_TYPE_INVALID"),
                    Map.entry(0x13L, "ATTRIBUTE_VALUE_INVALID"),
                    Map.entry(0x1bL, "ACTION_PROHIBITED"),
                    Map.entry(0x30L, "DEVICE_ERROR"),
                    Map.entry(0x31L, "DEVICE_MEMORY"),
                    Map.entry(0x32L, "DEVICE_REMOVED"),
                    Map.entry(0x40L, "ENCRYPTED_DATA_INVALID"),
                    Map.entry(0x54L, "FUNCTION_NOT_SUPPORTED"),
                    Map.entry(0x60L, "KEY_HANDLE_INVALID"),
                    Map.entry(0x62L, "KEY_SIZE_RANGE"),
                    Map.entry(0x63L, "KEY_TYPE_INCONSISTENT"),
                    Map.entry(KEY_FUNCTION_NOT_PERMITTED, "KEY_FUNCTION_NOT_PERMITTED"),
                    Map.entry(0x69L, "KEY_NOT_WRAPPABLE"),
                    Map.entry(KEY_UNEXTRACTABLE, "KEY_UNEXTRACTABLE"),
                    Map.entry(0x70L, "MECHANISM_INVALID"),
                    Map.entry(0x71L, "MECHANISM_PARAM_INVALID"),
                    Map.entry(0x82L, "OBJECT_HANDLE_INVALID"),
                    Map.entry(0x90L, "OPERATION_ACTIVE"),
                    Map.entry(0x91L, "OPERATION_NOT_INITIALIZED"),
                    Map.entry(PIN_INCORRECT, "PIN_INCORRECT"),
                    Map.entry(PIN_LOCKED, "PIN_LOCKED"),
                    Map.entry(0xb0L, "SESSION_CLOSED"),
                    Map.entry(SESSION_COUNT, "SESSION_COUNT"),
                    Map.entry(0xb3L, "SESSION_HANDLE_INVALID"),
                    Map.entry(0xb5L, "SESSION_READ_ONLY"),
                    Map.entry(SIGNATURE_INVALID, "SIGNATURE_INVALID"),
                    Map.entry(SIGNATURE_LEN_RANGE, "SIGNATURE_LEN_RANGE"),
                    Map.entry(0xd0L, "TEMPLATE_INCOMPLETE"),
                    Map.entry(TEMPLATE_INCONSISTENT, "TEMPLATE_INCONSISTENT"),
                    Map.entry(0xe0L, "TOKEN_NOT_PRESENT"),
                    Map.entry(0xe1L, "TOKEN_NOT_RECOGNIZED"),
                    Map.entry(0xf0L, "UNWRAPPING_KEY_HANDLE_INVALID"),
                    Map.entry(USER_ALREADY_LOGGED_IN, "USER_ALREADY_LOGGED_IN"),
                    Map.entry(0x101L, "USER_NOT_LOGGED_IN"),
                    Map.entry(0x102L, "USER_PIN_NOT_INITIALIZED"),
                    Map.entry(USER_ANOTHER_ALREADY_LOGGED_IN, "USER_ANOTHER_ALREADY_LOGGED_IN"),
                    Map.entry(0x110L, "WRAPPED_KEY_INVALID"),
                    Map.entry(0x112L, "WRAPPED_KEY_LEN_RANGE"),
                    Map.entry(0x113L, "WRAPPING_KEY_HANDLE_INVALID"),
                    Map.entry(BUFFER_TOO_SMALL, "BUFFER_TOO_SMALL"),
                    Map.entry(CRYPTOKI_NOT_INITIALIZED, "CRYPTOKI_NOT_INITIALIZED"),
                    Map.entry(CRYPTOKI_ALREADY_INITIALIZED, "CRYPTOKI_ALREADY_INITIALIZED"));

    private CkResult() {}

    /** For example {@code CKR_PIN_INCORRECT (0xa0)}. */
    static String describe(long result) {
        return "CKR_%s (0x%x)".formatted(NAMES.getOrDefault(result, "unknown"), result);
    }
}
