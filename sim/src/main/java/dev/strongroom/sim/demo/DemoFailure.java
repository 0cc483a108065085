package dev.strongroom.sim.demo;

/** The demo saw something it promised not to see; the message says what. */
public final class DemoFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    DemoFailure(String message) {
        super(message);
    }
}
