package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;
import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;
import java.nio.file.Path;
import java.util.List;

/** {@code LEVEL CONFIGURATION}: prints what {@link Fitness#reach} says of its own process. */
final class FitnessProcess {
    private FitnessProcess() {}

    public static void main(String[] args) throws LibcException {
        switch (Fitness.reach(Posture.valueOf(args[0]), Path.of(args[1]))) {
            case Fit fit ->
                    System.out.println("fit " + fit.level() + " dumpable=" + Libc.dumpable());
            case Unfit unfit -> System.out.println("unfit " + unmet(unfit.conditions()));
        }
    }

    private static List<String> unmet(List<Condition> conditions) {
        return conditions.stream()
                .filter(condition -> !condition.met())
                .map(condition -> condition.name() + "=" + condition.found())
                .toList();
    }
}
