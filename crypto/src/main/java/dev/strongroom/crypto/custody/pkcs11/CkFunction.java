package dev.strongroom.crypto.custody.pkcs11;

/**
 * Functions of CK_FUNCTION_LIST v2.40 that the custodian calls: place in the list and parameters, L
 * for CK_ULONG and handles, P for pointers, B for CK_BBOOL.
 */
enum CkFunction {
    C_INITIALIZE(0, "P"),
    C_FINALIZE(1, "P"),
    C_GET_INFO(2, "P"),
    C_GET_SLOT_LIST(4, "BPP"),
    C_GET_TOKEN_INFO(6, "LP"),
    C_GET_MECHANISM_LIST(7, "LPP"),
    C_GET_MECHANISM_INFO(8, "LLP"),
    C_OPEN_SESSION(12, "LLPPP"),
    C_CLOSE_SESSION(13, "L"),
    C_CLOSE_ALL_SESSIONS(14, "L"),
    C_LOGIN(18, "LLPL"),
    C_LOGOUT(19, "L"),
    C_CREATE_OBJECT(20, "LPLP"),
    C_COPY_OBJECT(21, "LLPLP"),
    C_DESTROY_OBJECT(22, "LL"),
    C_GET_ATTRIBUTE_VALUE(24, "LLPL"),
    C_SET_ATTRIBUTE_VALUE(25, "LLPL"),
    C_FIND_OBJECTS_INIT(26, "LPL"),
    C_FIND_OBJECTS(27, "LPLP"),
    C_FIND_OBJECTS_FINAL(28, "L"),
    C_DECRYPT_INIT(33, "LPL"),
    C_DIGEST_INIT(37, "LP"),
    C_DIGEST_KEY(40, "LL"),
    C_DIGEST_FINAL(41, "LPP"),
    C_SIGN_INIT(42, "LPL"),
    C_SIGN(43, "LPLPP"),
    C_VERIFY_INIT(48, "LPL"),
    C_VERIFY(49, "LPLPL"),
    C_GENERATE_KEY(58, "LPPLP"),
    C_GENERATE_KEY_PAIR(59, "LPPLPLPP"),
    C_WRAP_KEY(60, "LPLLPP"),
    C_UNWRAP_KEY(61, "LPLPLPLP");

    private final int index;
    private final String parameters;

    CkFunction(int index, String parameters) {
        this.index = index;
        this.parameters = parameters;
    }

    int index() {
        return index;
    }

    String parameters() {
        return parameters;
    }
}
