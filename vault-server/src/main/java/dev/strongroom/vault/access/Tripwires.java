package dev.strongroom.vault.access;

import com.google.protobuf.Message;

/**
 * Knows what nobody has a reason to touch, and who did. Thread-safe; never blocks, so that a call
 * that touches something takes no longer than another one.
 */
public interface Tripwires {
    /** True for who touched something before, and for who does so by calling at all. */
    boolean keepsOut(Visitor visitor);

    /** Whether a call may go on with this request. */
    boolean permits(Visitor visitor, Message request);

    /** Somebody calls what no service has. */
    void askedForNothing(Visitor visitor);
}
