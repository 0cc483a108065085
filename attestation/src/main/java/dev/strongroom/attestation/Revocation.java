package dev.strongroom.attestation;

/** What a verifier does when no vendor's revocation list says that a chain is still good. */
public enum Revocation {
    /** It refuses: without a current list of the chain's own root nothing is authentic. */
    REQUIRED,

    /**
     * It goes on, and says that revocation was not judged. A list that names the chain refuses it
     * all the same, however old the list is. For looking at evidence, not for releasing keys.
     */
    WHEN_GIVEN
}
