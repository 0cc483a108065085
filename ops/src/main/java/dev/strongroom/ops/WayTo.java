package dev.strongroom.ops;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What the kernel goes through when it opens a path: each folder and each link, also those that
 * links lead to, and at last the file. Whoever can replace one of them decides what is opened.
 */
final class WayTo {
    private static final int MAX_LINKS = 40; // Linux's own bound

    private final Deque<Path> ahead = new ArrayDeque<>();
    private final List<Path> steps = new ArrayList<>();
    private int links;

    private WayTo() {}

    /**
     * All of them in order, the root folder first.
     *
     * @param path absolute, of something that is there
     */
    static List<Path> of(Path path) throws IOException {
        var way = new WayTo();
        way.goOn(path);
        Path at = way.step(path.getRoot());
        while (!way.ahead.isEmpty()) {
            at = way.from(at, way.ahead.pop());
        }
        return List.copyOf(way.steps);
    }

    /**
     * One name further.
     *
     * @param folder reached without a link
     */
    private Path from(Path folder, Path name) throws IOException {
        if (name.toString().equals(".")) {
            return folder;
        }
        if (name.toString().equals("..")) {
            return folder.getParent() == null ? folder : folder.getParent();
        }
        Path next = step(folder.resolve(name));
        if (!Files.isSymbolicLink(next)) {
            return next;
        }
        links++;
        if (links > MAX_LINKS) {
            throw new FileSystemLoopException(next.toString());
        }
        Path target = Files.readSymbolicLink(next);
        goOn(target);
        return target.isAbsolute() ? step(target.getRoot()) : folder;
    }

    private Path step(Path at) {
        steps.add(at);
        return at;
    }

    private void goOn(Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            ahead.push(path.getName(i));
        }
    }
}
