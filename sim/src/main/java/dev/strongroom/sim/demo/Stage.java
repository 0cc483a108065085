package dev.strongroom.sim.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What the steps of a demo share: the folders, the terminal, and everything that must end. Closing
 * is idempotent and may come from another thread.
 */
final class Stage implements AutoCloseable {
    private final Path root;
    private final Workspace workspace;
    private final Terminal terminal;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private boolean closed;

    Stage() {
        try {
            workspace = Workspace.create();
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's folders cannot be made", e);
        }
        root = Path.of(System.getProperty("strongroom.root", "")).toAbsolutePath();
        terminal = new Terminal(root, workspace);
    }

    /** The folder of ./strongroom-sim. */
    Path root() {
        return root;
    }

    Workspace workspace() {
        return workspace;
    }

    Terminal terminal() {
        return terminal;
    }

    /** A command line in this demo's world. */
    String[] sim(String... words) {
        List<String> command =
                new ArrayList<>(
                        List.of("./strongroom-sim", "--world", workspace.path("world").toString()));
        command.addAll(List.of(words));
        return command.toArray(String[]::new);
    }

    /** A command line of the identity in a context folder. */
    String[] as(String context, String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        command.add("--context");
        command.add(context);
        return sim(command.toArray(String[]::new));
    }

    /** Sees to it that {@code part} is closed with the stage, newest first. */
    synchronized <T extends AutoCloseable> T own(T part) {
        if (closed) {
            throw new DemoFailure("interrupted");
        }
        owned.push(part);
        return part;
    }

    @Override
    public synchronized void close() {
        closed = true;
        while (!owned.isEmpty()) {
            close(owned.pop());
        }
        close(workspace);
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            System.err.println("strongroom demo: cleaning up: " + e.getMessage());
        }
    }
}
