package dev.strongroom.attestation;

/** What evidence is for. Evidence made for one role never serves another. */
public enum Role {
    /** A node asks the vault for a data key. */
    RELEASE(1),
    /** A node shows a client what answers it. */
    SERVE(2),
    /** A node shows with which key it signs a renewed seal. */
    RESEAL(3),
    /** A node that serves shows that it still is what it was when its lease began. */
    RENEW(4),
    /** A node asks the owner's agent for the second part of a split content key. */
    PART(5);

    private final int number;

    Role(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
