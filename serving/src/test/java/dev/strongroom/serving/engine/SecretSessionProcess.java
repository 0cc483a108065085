package dev.strongroom.serving.engine;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * A fast session in secret memory, in a virtual machine of its own: there is one heap for sessions
 * in each. Says how many bytes the session's copies have, how many windows of weights can be read,
 * and how many once one of them is copied elsewhere.
 */
final class SecretSessionProcess {
    private SecretSessionProcess() {}

    public static void main(String[] arguments) throws Exception {
        var heap = new LockedHeap(SessionHeap.LIMIT_BYTES, Protection.SECRET, Fits.forTests());
        var options = new EngineOptions(1, new Profile.Fast(heap), Path.of(arguments[0]));
        try (var model = OneCopyTest.model(Protection.SECRET);
                var engine = Engine.open(model, options);
                var memory = new OwnMemory();
                var arena = Arena.ofConfined()) {
            OneCopyTest.run(engine, 4, 10);
            int readable = 0;
            for (long window : OneCopyTest.WINDOWS) {
                readable += memory.find(OneCopyTest.masked(window)).size();
            }
            var planted = arena.allocate(OneCopyTest.WINDOW_BYTES);
            long first = OneCopyTest.WINDOWS.getFirst();
            planted.copyFrom(model.view("weights.bin").asSlice(first, OneCopyTest.WINDOW_BYTES));
            int control = memory.find(OneCopyTest.masked(first)).size();
            planted.fill((byte) 0);
            System.out.printf(
                    "copies=%d readable=%d control=%d%n", heap.usedBytes(), readable, control);
        }
        System.out.printf("afterwards=%d%n", heap.usedBytes());
    }
}
