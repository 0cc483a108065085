package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a version is: its files, the policies it obeys, where it comes from. Signed by the owner
 * once; it outlives every re-seal.
 *
 * @param createdAt to the millisecond
 * @param graphFile which of the files is the ONNX graph
 * @param licence SPDX expression or free text
 * @param provenance free text: source, tool versions
 * @param resealBy launches (hex) that may re-seal, as {@code ReleasePolicy.ofMeasurements} reads
 *     them; empty: none may
 * @param agent SHA-256 of the TLS key of the owner's agent that holds the second part; given
 *     exactly when the suite is split, and then no node may re-seal
 */
public record ContentStatement(
        Suite suite,
        Digest ownerId,
        ModelName model,
        VersionId versionId,
        Instant createdAt,
        Preparation preparation,
        String graphFile,
        List<FileEntry> files,
        PolicyDemand releasePolicy,
        PolicyDemand outputPolicy,
        String licence,
        String provenance,
        List<String> resealBy,
        Optional<Digest> agent) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.content.v1";

    /** A prepared model is a graph and a few weight files. */
    public static final int MAX_FILES = 64;

    public static final int MAX_TEXT_BYTES = 4096;
    private static final int MAX_RESEALERS = 16;
    private static final String RESEALER = "[0-9a-f]{64,128}|[0-9a-f]{288}";
    private static final int MAX_RESEALER_CHARS = 288; // three registers of TDX
    private static final String DOMAIN = "strongroom/content";

    public ContentStatement {
        createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
        files = List.copyOf(files);
        resealBy = List.copyOf(resealBy);
        Strict.requireRange("files", files.size(), 1, MAX_FILES);
        Strict.requireAtMost("resealBy", resealBy.size(), MAX_RESEALERS);
        resealBy.forEach(id -> Strict.requireMatch("resealBy", id, RESEALER));
        if (files.stream().map(FileEntry::name).distinct().count() != files.size()) {
            throw new IllegalArgumentException("files: a name occurs twice");
        }
        String graph = graphFile;
        if (files.stream().noneMatch(file -> file.name().equals(graph))) {
            throw new IllegalArgumentException("graph file: not one of the files");
        }
        if (agent.isPresent() != suite.isSplit()) {
            throw new IllegalArgumentException("agent: expected with a split suite only");
        }
        if (suite.isSplit() && !resealBy.isEmpty()) {
            throw new IllegalArgumentException("resealBy: expected none with a split suite");
        }
    }

    /** A version whose content key T alone opens. */
    public ContentStatement(
            Suite suite,
            Digest ownerId,
            ModelName model,
            VersionId versionId,
            Instant createdAt,
            Preparation preparation,
            String graphFile,
            List<FileEntry> files,
            PolicyDemand releasePolicy,
            PolicyDemand outputPolicy,
            String licence,
            String provenance,
            List<String> resealBy) {
        this(
                suite,
                ownerId,
                model,
                versionId,
                createdAt,
                preparation,
                graphFile,
                files,
                releasePolicy,
                outputPolicy,
                licence,
                provenance,
                resealBy,
                Optional.empty());
    }

    public Identity identity() {
        return new Identity(suite, ownerId, model, versionId);
    }

    public Dsse sign(StatementSigner owner) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), owner);
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1)
                        .u8(suite.number())
                        .bytes(ownerId.bytes())
                        .text(model.tenant().value())
                        .text(model.name())
                        .bytes(versionId.bytes())
                        .u64(createdAt.toEpochMilli())
                        .u8(preparation.number())
                        .text(graphFile)
                        .u32(files.size());
        for (FileEntry file : files) {
            out.text(file.name()).u64(file.plaintextBytes()).bytes(file.keyedDigest());
        }
        out.text(releasePolicy.id()).u64(releasePolicy.minSeq());
        out.text(outputPolicy.id()).u64(outputPolicy.minSeq());
        out.text(licence).text(provenance).u32(resealBy.size());
        resealBy.forEach(out::text);
        agent.ifPresent(key -> out.bytes(key.bytes()));
        return out.toByteArray();
    }

    static ContentStatement decode(byte[] payload) throws SealedFormatException {
        return Strict.read(payload, Dsse.MAX_PAYLOAD_BYTES, DOMAIN, 1, ContentStatement::read);
    }

    private static ContentStatement read(CanonicalReader in) throws MalformedEncodingException {
        Suite suite = Suite.ofNumber(in.u8("suite"));
        return new ContentStatement(
                suite,
                Digest.of(in.fixed("owner id", Digest.BYTES)),
                new ModelName(
                        new TenantName(in.text("tenant", TenantName.MAX_BYTES)),
                        in.text("model name", TenantName.MAX_BYTES)),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                Instant.ofEpochMilli(in.u64("created at")),
                Preparation.ofNumber(in.u8("preparation")),
                in.text("graph file", FileEntry.MAX_NAME_BYTES),
                readFiles(in),
                readDemand(in, "release policy"),
                readDemand(in, "output policy"),
                in.text("licence", MAX_TEXT_BYTES),
                in.text("provenance", MAX_TEXT_BYTES),
                readResealers(in),
                suite.isSplit()
                        ? Optional.of(Statements.readDigest(in, "agent"))
                        : Optional.empty());
    }

    private static List<FileEntry> readFiles(CanonicalReader in) throws MalformedEncodingException {
        int count = in.count("files", MAX_FILES);
        var files = new ArrayList<FileEntry>();
        for (int i = 0; i < count; i++) {
            files.add(
                    new FileEntry(
                            in.text("file name", FileEntry.MAX_NAME_BYTES),
                            in.u64("plaintext bytes"),
                            in.fixed("keyed digest", FileEntry.KEYED_DIGEST_BYTES)));
        }
        return files;
    }

    private static PolicyDemand readDemand(CanonicalReader in, String field)
            throws MalformedEncodingException {
        return new PolicyDemand(in.text(field, PolicyDemand.ID_BYTES), in.u64(field + " seq"));
    }

    private static List<String> readResealers(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("resealBy", MAX_RESEALERS);
        var resealers = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            resealers.add(in.text("resealBy", MAX_RESEALER_CHARS));
        }
        return resealers;
    }
}
