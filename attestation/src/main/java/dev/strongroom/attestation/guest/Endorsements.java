package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Gathers the certificates and revocation lists that a verifier needs beside a report: from the
 * table that the host gives with it (AMD's GHCB specification, "cert_table": 24-byte entries of
 * GUID, offset and length, ended by a zero entry), and from the operator's folder. All of it is
 * public and untrusted; roots are recognised by their pinned fingerprint only.
 */
final class Endorsements {
    private static final int ENTRY_BYTES = 24;
    private static final UUID VCEK = UUID.fromString("63da758d-e664-4564-adc5-f4b93be8accd");
    private static final UUID VLEK = UUID.fromString("a8074bc2-a25a-483e-aae6-39c045a0b8a1");
    private static final UUID ASK = UUID.fromString("4ab7b379-bbac-4fe4-a02f-05aef327c782");
    private static final UUID ARK = UUID.fromString("c0b406a4-a803-4952-9743-3fb6014cd0ae");
    private static final UUID END = new UUID(0, 0);

    private Endorsements() {}

    /** What the table has, then what the folder has, each once. */
    static List<EvidenceItem> gather(byte[] table, Path folder) throws IOException, GuestException {
        var items = new ArrayList<EvidenceItem>();
        readTable(table, items);
        if (!Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
            for (EvidenceItem item : new CollateralFolder(folder).current()) {
                add(items, item);
            }
        }
        if (items.size() > Evidence.MAX_ITEMS) {
            throw new GuestException(
                    "endorsements: at most "
                            + Evidence.MAX_ITEMS
                            + " certificates and lists; leave only this chip's in "
                            + folder);
        }
        return List.copyOf(items);
    }

    private static void readTable(byte[] table, List<EvidenceItem> items) throws GuestException {
        var entries = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        while (entries.remaining() >= ENTRY_BYTES) {
            UUID guid = guid(entries);
            long offset = Integer.toUnsignedLong(entries.getInt());
            long length = Integer.toUnsignedLong(entries.getInt());
            if (guid.equals(END)) {
                return;
            }
            if (offset + length > table.length
                    || length > EvidenceItem.Kind.CERTIFICATE.maxBytes()) {
                throw new GuestException(
                        "auxblob: a certificate lies outside the table or is over "
                                + EvidenceItem.Kind.CERTIFICATE.maxBytes()
                                + " bytes");
            }
            if (List.of(VCEK, VLEK, ASK, ARK).contains(guid)) {
                add(
                        items,
                        new EvidenceItem(
                                EvidenceItem.Kind.CERTIFICATE,
                                Arrays.copyOfRange(table, (int) offset, (int) (offset + length))));
            }
        }
    }

    private static void add(List<EvidenceItem> items, EvidenceItem item) {
        if (items.stream().noneMatch(known -> Arrays.equals(known.bytes(), item.bytes()))) {
            items.add(item);
        }
    }

    /** GUIDs in the table are in the byte order of their printed form. */
    private static UUID guid(ByteBuffer entries) {
        var bigEndian = new byte[16];
        entries.get(bigEndian);
        var buffer = ByteBuffer.wrap(bigEndian);
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
