package dev.strongroom.enclave.memory;

/** What the loader keeps of closed models for the next. */
public final class KeptPages {
    private KeptPages() {}

    /** Has the next load take new memory. */
    public static void giveBack() {
        SparePages.of(Protection.LOCKED).giveBack();
    }
}
