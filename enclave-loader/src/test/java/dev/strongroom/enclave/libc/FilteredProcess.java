package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.SynchronousQueue;

/**
 * Tries what {@link SystemCallFilter} denies, before and after, on a thread that was there before,
 * with arguments that no call accepts; prints one {@code NAME before=ERRNO after=ERRNO} a line.
 */
// Calling C is what this test is for.
@SuppressWarnings("restricted")
final class FilteredProcess {
    private static final int PRCTL = 157;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int GETPPID = 110;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SYSCALL =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(1));

    private FilteredProcess() {}

    public static void main(String[] args) throws Exception {
        int before = errno(DeniedCall.EXECVE.number(), -1);
        var questions = new SynchronousQueue<Integer>();
        var answers = new SynchronousQueue<Integer>();
        Thread.ofPlatform().daemon().start(() -> answer(questions, answers));
        questions.put(GETPPID);
        System.out.println("GETPPID before=" + answers.take());
        SystemCallFilter.install();
        System.out.println("EXECVE before=" + before);
        for (DeniedCall call : DeniedCall.values()) {
            questions.put(call.number());
            System.out.println(call + " after=" + answers.take());
        }
        System.out.println("SET_DUMPABLE after=" + errno(PRCTL, PR_SET_DUMPABLE));
        System.out.println("PROGRAM after=" + startsAProgram());
        questions.put(GETPPID);
        System.out.println("GETPPID after=" + answers.take());
    }

    private static void answer(SynchronousQueue<Integer> questions, SynchronousQueue<Integer> to) {
        try {
            while (true) {
                to.put(errno(questions.take(), -1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean startsAProgram() {
        try {
            return new ProcessBuilder("/bin/true").start().waitFor() == 0;
        } catch (IOException refused) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int errno(int number, long argument) {
        try (var arena = Arena.ofConfined()) {
            var layout = Linker.Option.captureStateLayout();
            var state = arena.allocate(layout);
            long result = (long) SYSCALL.invokeExact(state, (long) number, argument, -1L, -1L, -1L);
            return result == -1
                    ? (int) layout.varHandle(PathElement.groupElement("errno")).get(state, 0L)
                    : 0;
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }
}
