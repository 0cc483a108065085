package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A folder with one identity and what it knows of the vault:
 *
 * <pre>
 *   ca.pem      the vault's certificate authority
 *   cert.pem    this identity's certificate, leaf first
 *   key.pem     its key, mode 0600
 *   pin.txt     fingerprint of the vault's ceremony key, from out of band
 *   vault.txt   host:port of the vault (optional)
 *   owner.txt   id of the model owner whose statements count
 *   witnesses.txt  verifier keys of witnesses that must have cosigned the log, one a line; with
 *               "threshold N" in the first line, N of them (optional)
 *   owner.pem   the owner root key, mode 0600; on the owner's machine only
 *   fingerprint.key  what every mark in the owner's weights derives from, mode 0600; needed to trace
 *   state/      the last checkpoint and policy revisions seen
 *   private/    plaintext while a model is prepared, wiped afterwards
 *   spool/      sealed files of unfinished pushes
 * </pre>
 *
 * <p>Immutable; files are read when asked for, so that a missing one only matters to what needs it.
 *
 * @param folder absolute path
 */
public record Profile(Path folder) {
    private static final int MAX_LINE_BYTES = 512;
    private static final int MAX_WITNESSES_BYTES = 16 * 1024;
    private static final String THRESHOLD = "threshold ";

    public Profile {
        folder = folder.toAbsolutePath().normalize();
    }

    /**
     * The pinned fingerprint of the ceremony key.
     *
     * @throws ClientException of kind DENIED when nothing is pinned: nothing the vault says about
     *     its keys could be believed
     */
    public Digest requirePin() throws ClientException, IOException {
        return digest("pin.txt")
                .orElseThrow(() ->
                        new ClientException(
                                ClientException.Kind.DENIED,
                                "no ceremony fingerprint is pinned in " + folder,
                                "get the fingerprint from the vault's operator out of band"
                                        + " and give it with --pin, or write it to "
                                        + folder.resolve("pin.txt")));
    }

    /**
     * The owner whose signatures this profile believes.
     *
     * @throws ClientException of kind DENIED when none is pinned
     */
    public Digest requireOwner() throws ClientException, IOException {
        return digest("owner.txt")
                .orElseThrow(() ->
                        new ClientException(
                                ClientException.Kind.DENIED,
                                "no owner is pinned in " + folder,
                                "get the owner id from the model's owner and write it to "
                                        + folder.resolve("owner.txt")));
    }

    public Optional<Digest> owner() throws ClientException, IOException {
        return digest("owner.txt");
    }

    /** {@code host:port} of the vault, when the profile names one. */
    public Optional<String> vaultAddress() throws ClientException, IOException {
        return line("vault.txt");
    }

    /**
     * The witnesses that this profile demands of every checkpoint, whatever an owner's policy says.
     *
     * @throws ClientException of kind LOCAL when {@code witnesses.txt} is not of its form
     */
    public WitnessQuorum witnesses() throws ClientException, IOException {
        Path file = folder.resolve("witnesses.txt");
        if (!Files.isRegularFile(file)) {
            return WitnessQuorum.NONE;
        }
        try {
            if (Files.size(file) <= MAX_WITNESSES_BYTES) {
                List<String> lines = Files.readAllLines(file);
                boolean counted = !lines.isEmpty() && lines.getFirst().startsWith(THRESHOLD);
                List<String> keys = counted ? lines.subList(1, lines.size()) : lines;
                int threshold =
                        counted
                                ? Integer.parseInt(lines.getFirst().substring(THRESHOLD.length()))
                                : keys.size();
                return WitnessQuorum.of(threshold, keys);
            }
        } catch (SealedFormatException | NumberFormatException e) {
            throw malformedWitnesses(file, e);
        }
        throw malformedWitnesses(file, new SealedFormatException("too long"));
    }

    private static ClientException malformedWitnesses(Path file, Exception cause) {
        return new ClientException(
                ClientException.Kind.LOCAL,
                file + ": " + cause.getMessage(),
                "write one key a line, as `witness init` prints it, after \"threshold N\" if N of"
                        + " them are enough",
                cause);
    }

    Path certificateAuthority() {
        return folder.resolve("ca.pem");
    }

    Path certificate() {
        return folder.resolve("cert.pem");
    }

    Path key() {
        return folder.resolve("key.pem");
    }

    Path ownerKey() {
        return folder.resolve("owner.pem");
    }

    Path fingerprintKey() {
        return folder.resolve("fingerprint.key");
    }

    Path privateFolder() {
        return folder.resolve("private");
    }

    Path spoolFolder() {
        return folder.resolve("spool");
    }

    Path stateFolder() throws IOException {
        return LocalFiles.ownerFolder(folder.resolve("state"));
    }

    void write(String name, String line) throws IOException {
        LocalFiles.ownerFolder(folder);
        LocalFiles.replace(folder.resolve(name), (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private Optional<Digest> digest(String name) throws ClientException, IOException {
        Optional<String> line = line(name);
        try {
            return line.map(Digest::new);
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    folder.resolve(name) + ": expected 64 lower-case hex digits",
                    "write the fingerprint again",
                    e);
        }
    }

    private Optional<String> line(String name) throws ClientException, IOException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > MAX_LINE_BYTES) {
            throw ClientException.local(
                    file + ": expected one line of at most " + MAX_LINE_BYTES + " bytes",
                    "write it again");
        }
        return Optional.of(Files.readString(file).strip());
    }
}
