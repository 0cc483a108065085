package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two fresh folders of mode 0700: the owner's, the only place where plaintext may be, in memory
 * where the machine has a file system there; and one for everything else. Closing deletes both;
 * what a killed process left is deleted by the next one.
 */
public final class Workspace implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");

    private final LockedFolder owner;
    private final LockedFolder rest;

    private Workspace(LockedFolder owner, LockedFolder rest) {
        this.owner = owner;
        this.rest = rest;
    }

    /** Makes both. */
    public static Workspace create() throws IOException {
        Path disk = Path.of(System.getProperty("java.io.tmpdir"));
        boolean memory = Files.isDirectory(MEMORY) && Files.isWritable(MEMORY);
        LockedFolder owner = LockedFolder.create(memory ? MEMORY : disk, "strongroom-owner-");
        try {
            return new Workspace(owner, LockedFolder.create(disk, "strongroom-demo-"));
        } catch (IOException | RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    /** The owner's folder. */
    public Path owner() {
        return owner.path();
    }

    /** The context folder of the owner's command line. */
    public String ownerContext() {
        return owner().resolve("context").toString();
    }

    /** A folder inside the owner's, made when missing. */
    public Path ownerFolder(String name) throws IOException {
        return Files.createDirectories(owner().resolve(name), LockedFolder.mode());
    }

    /** A folder or file beside the owner's. */
    public Path path(String name) {
        return rest().resolve(name);
    }

    /** All but the owner's folder. */
    public Path rest() {
        return rest.path();
    }

    /** The same text with the two folders' names put back to what a reader would type. */
    String shortened(String text) {
        return text.replace(owner().toString(), "$OWNER").replace(rest().toString(), "$W");
    }

    @Override
    public void close() throws IOException {
        try (rest) {
            owner.close();
        }
    }
}
