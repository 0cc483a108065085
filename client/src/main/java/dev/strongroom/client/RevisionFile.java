package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The highest revision of each of some things that their owner numbers: a line of name, number and
 * digest for each. For one thread of one process at a time.
 */
final class RevisionFile {
    private static final int MAX_FILE_BYTES = 1 << 20; // 300 bytes a line at most

    private final Path file;
    private final String forgetting;

    /** One revision. */
    record Revision(long seq, Digest digest) {}

    /**
     * @param forgetting what deleting the file would do, for the message
     */
    RevisionFile(Path file, String forgetting) {
        this.file = file;
        this.forgetting = forgetting;
    }

    Map<String, Revision> read() throws ClientException, IOException {
        var revisions = new TreeMap<String, Revision>();
        if (!Files.exists(file)) {
            return revisions;
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw damaged();
        }
        for (String line : Files.readAllLines(file)) {
            if (!line.matches("[0-9a-z/@-]{1,200} [1-9][0-9]{0,17} [0-9a-f]{64}")) {
                throw damaged();
            }
            String[] parts = line.split(" ", -1);
            revisions.put(parts[0], new Revision(Long.parseLong(parts[1]), new Digest(parts[2])));
        }
        return revisions;
    }

    void write(Map<String, Revision> revisions) throws IOException {
        var text = new StringBuilder();
        revisions.forEach((name, revision) ->
                text.append(name)
                        .append(' ')
                        .append(revision.seq)
                        .append(' ')
                        .append(revision.digest)
                        .append('\n'));
        LocalFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private ClientException damaged() {
        return ClientException.local(
                file + " is damaged",
                "restore it from a backup; deleting it forgets " + forgetting);
    }
}
