package dev.strongroom.enclave.posture;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;

/** Prints what {@link Fitness#check} says of its own process. */
final class FitnessProcess {
    private FitnessProcess() {}

    public static void main(String[] args) throws LibcException {
        switch (Fitness.check()) {
            case Fit _ -> System.out.println("fit dumpable=" + Libc.dumpable());
            case Unfit(var reasons) -> System.out.println("unfit " + reasons);
        }
    }
}
