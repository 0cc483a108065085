package dev.strongroom.witness;

/** The witness's process. */
public final class Main {
    private Main() {}

    /** See {@link WitnessCommand}. */
    public static void main(String[] arguments) {
        System.exit(new WitnessCommand(System.out, System.err).run(arguments));
    }
}
