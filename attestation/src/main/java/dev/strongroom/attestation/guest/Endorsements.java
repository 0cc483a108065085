package dev.strongroom.attestation.guest;

import dev.strongroom.attestation.Evidence;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Gathers the certificates that a verifier needs beside a report: from the table that the host
 * gives with it (AMD's GHCB specification, "cert_table": 24-byte entries of GUID, offset and
 * length, ended by a zero entry), and from a folder of DER files. They are public and untrusted;
 * roots are recognised by their pinned fingerprint only.
 */
final class Endorsements {
    private static final int ENTRY_BYTES = 24;
    private static final int MAX_PEM_BYTES = 64 * 1024; // AMD's file has 5 KiB
    private static final UUID VCEK = UUID.fromString("63da758d-e664-4564-adc5-f4b93be8accd");
    private static final UUID VLEK = UUID.fromString("a8074bc2-a25a-483e-aae6-39c045a0b8a1");
    private static final UUID ASK = UUID.fromString("4ab7b379-bbac-4fe4-a02f-05aef327c782");
    private static final UUID ARK = UUID.fromString("c0b406a4-a803-4952-9743-3fb6014cd0ae");
    private static final UUID END = new UUID(0, 0);

    private Endorsements() {}

    /**
     * Certificates of the table, then of the folder's {@code .der} and {@code .pem} files, each
     * once.
     */
    static List<byte[]> gather(byte[] table, Path folder) throws IOException, GuestException {
        var certificates = new ArrayList<byte[]>();
        readTable(table, certificates);
        readFolder(folder, certificates);
        if (certificates.size() > Evidence.MAX_ENDORSEMENTS) {
            throw new GuestException(
                    "endorsements: at most "
                            + Evidence.MAX_ENDORSEMENTS
                            + " certificates; leave only this chip's chain in "
                            + folder);
        }
        return List.copyOf(certificates);
    }

    private static void readTable(byte[] table, List<byte[]> certificates) throws GuestException {
        var entries = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
        while (entries.remaining() >= ENTRY_BYTES) {
            UUID guid = guid(entries);
            long offset = Integer.toUnsignedLong(entries.getInt());
            long length = Integer.toUnsignedLong(entries.getInt());
            if (guid.equals(END)) {
                return;
            }
            if (offset + length > table.length || length > Evidence.MAX_ENDORSEMENT_BYTES) {
                throw new GuestException(
                        "auxblob: a certificate lies outside the table or is over "
                                + Evidence.MAX_ENDORSEMENT_BYTES
                                + " bytes");
            }
            if (List.of(VCEK, VLEK, ASK, ARK).contains(guid)) {
                add(certificates, Arrays.copyOfRange(table, (int) offset, (int) (offset + length)));
            }
        }
    }

    private static void readFolder(Path folder, List<byte[]> certificates)
            throws IOException, GuestException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> files;
        try (var entries = Files.list(folder)) {
            files = entries.sorted().toList();
        }
        for (Path file : files) {
            String name = file.toString();
            if (name.endsWith(".der")) {
                add(certificates, bounded(file, Evidence.MAX_ENDORSEMENT_BYTES));
            } else if (name.endsWith(".pem")) {
                readPem(file, certificates);
            }
        }
    }

    /** AMD's key server gives ASK and ARK as one PEM file. */
    private static void readPem(Path file, List<byte[]> certificates)
            throws IOException, GuestException {
        var pem = new ByteArrayInputStream(bounded(file, MAX_PEM_BYTES));
        try {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                add(certificates, certificate.getEncoded());
            }
        } catch (CertificateException e) {
            throw new GuestException(file + ": expected X.509 certificates, PEM", e);
        }
    }

    private static byte[] bounded(Path file, int maxBytes) throws IOException, GuestException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new GuestException(file + ": at most " + maxBytes + " bytes");
            }
            return bytes;
        }
    }

    private static void add(List<byte[]> certificates, byte[] certificate) {
        if (certificates.stream().noneMatch(known -> Arrays.equals(known, certificate))) {
            certificates.add(certificate);
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
