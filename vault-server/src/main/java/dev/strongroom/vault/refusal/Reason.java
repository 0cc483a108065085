package dev.strongroom.vault.refusal;

/**
 * Why a request was refused. The constant's name goes over the wire as {@code ErrorInfo.reason} and
 * is never renamed; the kind decides the gRPC status.
 */
public enum Reason {
    CERTIFICATE_REQUIRED(Kind.UNAUTHENTICATED),
    CERTIFICATE_UNKNOWN(Kind.UNAUTHENTICATED),
    NO_RULE(Kind.DENIED),
    ROLE_DENIED(Kind.DENIED),
    TENANT_DENIED(Kind.DENIED),

    REQUEST_MALFORMED(Kind.INVALID),
    MANIFEST_MALFORMED(Kind.INVALID),
    POLICY_MALFORMED(Kind.INVALID),
    IMPORT_REFUSED(Kind.INVALID),

    TENANT_NOT_FOUND(Kind.NOT_FOUND),
    VERSION_NOT_FOUND(Kind.NOT_FOUND),
    POLICY_NOT_FOUND(Kind.NOT_FOUND),
    LEAF_NOT_FOUND(Kind.NOT_FOUND),

    TENANT_EXISTS(Kind.EXISTS),
    VERSION_EXISTS(Kind.EXISTS),
    IMPORT_SEEN(Kind.EXISTS),

    UPLOAD_INCOMPLETE(Kind.PRECONDITION),
    UPLOAD_OFFSET(Kind.PRECONDITION),
    POLICY_CONFLICT(Kind.PRECONDITION),
    POLICY_EXPIRED(Kind.PRECONDITION),
    POLICY_UNMET(Kind.PRECONDITION),
    TRUST_LEVEL_TOO_LOW(Kind.PRECONDITION),
    UPLOAD_BUSY(Kind.CONTENDED),
    ROTATION_BUSY(Kind.CONTENDED),

    OBJECT_TOO_LARGE(Kind.EXHAUSTED),
    TOO_MANY_UNFINISHED(Kind.EXHAUSTED),
    TOO_MANY_CHALLENGES(Kind.EXHAUSTED),
    TOO_MANY_FAILURES(Kind.EXHAUSTED),
    DISK_FULL(Kind.EXHAUSTED),

    RELEASE_REFUSED(Kind.DENIED),

    TENANT_NOT_AUTHENTIC(Kind.INTEGRITY),
    MANIFEST_NOT_AUTHENTIC(Kind.INTEGRITY),
    POLICY_NOT_AUTHENTIC(Kind.INTEGRITY),
    VERSION_NOT_AUTHENTIC(Kind.INTEGRITY),
    OBJECT_NOT_AUTHENTIC(Kind.INTEGRITY),
    RECORD_NOT_AUTHENTIC(Kind.INTEGRITY),
    TOKEN_CHANGED(Kind.INTEGRITY),
    LOG_SHORTER(Kind.INTEGRITY),

    TOKEN_UNAVAILABLE(Kind.UNAVAILABLE),
    INTERNAL(Kind.INTERNAL);

    /** Groups of reasons that a caller treats alike. */
    public enum Kind {
        UNAUTHENTICATED,
        DENIED,
        INVALID,
        NOT_FOUND,
        EXISTS,
        PRECONDITION,
        CONTENDED,
        EXHAUSTED,
        INTEGRITY,
        UNAVAILABLE,
        INTERNAL
    }

    private final Kind kind;

    Reason(Kind kind) {
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
