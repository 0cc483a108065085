package dev.strongroom.client.prepare;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.strongroom.client.ClientException;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads an ONNX file as a stream, in constant memory, and answers what must be known before ONNX
 * Runtime sees it: is it an ONNX model at all, which other files does it name (in initialisers,
 * attributes, sub-graphs, functions), and does it use operators from elsewhere than the standard
 * domains.
 *
 * <p>Not thread-safe; one instance reads one file.
 */
final class OnnxAdmission {
    /** The operators that ONNX Runtime brings itself; anything else would need loaded code. */
    private static final Set<String> OPERATOR_DOMAINS =
            Set.of("", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc");

    private static final int MAX_DEPTH = 64; // control-flow nesting of real models is under 5
    private static final int MAX_TEXT_BYTES = 4096; // the longest path that Linux takes
    private static final int MAX_EXTERNAL_FILES = 10_000; // one per tensor of the largest models
    private static final int MAX_DOMAINS = 256;

    /** What a node's session takes as one tensor: ONNX Runtime's Java API counts in an int. */
    private static final long MAX_TENSOR_BYTES = Integer.MAX_VALUE - 64;

    // Field numbers of onnx.proto that the generated subset does not name.
    private static final int MODEL_TRAINING_INFO = 20;
    private static final int MODEL_FUNCTIONS = 25;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_SPARSE_INITIALIZER = 15;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int NODE_DOMAIN = 7;
    private static final int FUNCTION_NODE = 7;
    private static final int FUNCTION_DOMAIN = 10;

    private enum Part {
        MODEL,
        TRAINING,
        FUNCTION,
        GRAPH,
        NODE,
        ATTRIBUTE,
        SPARSE_TENSOR,
        TENSOR
    }

    /** Where a message of one kind holds messages that can lead to a tensor. */
    private static final Map<Part, Map<Integer, Part>> NESTED =
            Map.of(
                    Part.MODEL,
                    Map.of(
                            ModelProto.GRAPH_FIELD_NUMBER,
                            Part.GRAPH,
                            MODEL_TRAINING_INFO,
                            Part.TRAINING,
                            MODEL_FUNCTIONS,
                            Part.FUNCTION),
                    Part.TRAINING,
                    Map.of(1, Part.GRAPH, 2, Part.GRAPH),
                    Part.FUNCTION,
                    Map.of(FUNCTION_NODE, Part.NODE),
                    Part.GRAPH,
                    Map.of(
                            GRAPH_NODE,
                            Part.NODE,
                            GraphProto.INITIALIZER_FIELD_NUMBER,
                            Part.TENSOR,
                            GRAPH_SPARSE_INITIALIZER,
                            Part.SPARSE_TENSOR),
                    Part.NODE,
                    Map.of(NODE_ATTRIBUTE, Part.ATTRIBUTE),
                    Part.ATTRIBUTE,
                    Map.of(
                            5, Part.TENSOR,
                            6, Part.GRAPH,
                            10, Part.TENSOR,
                            11, Part.GRAPH,
                            22, Part.SPARSE_TENSOR,
                            23, Part.SPARSE_TENSOR),
                    Part.SPARSE_TENSOR,
                    Map.of(1, Part.TENSOR, 2, Part.TENSOR),
                    Part.TENSOR,
                    Map.of());

    private final Path file;
    private final CodedInputStream in;

    /** Location of external data → the bytes that tensors need it to have. */
    private final Map<String, Long> externalBytes = new TreeMap<>();

    private final Set<String> nodeDomains = new TreeSet<>();
    private final Set<String> functionDomains = new TreeSet<>();
    private boolean hasVersion;
    private boolean hasGraph;

    private OnnxAdmission(Path file, CodedInputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * The external data files that a model names, each with the least size it must have.
     *
     * @throws ClientException when the file is not an ONNX model or asks for foreign operators
     */
    static Map<String, Long> externalFiles(Path file) throws ClientException, IOException {
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            var in = CodedInputStream.newInstance(bytes);
            in.setSizeLimit(Integer.MAX_VALUE);
            var admission = new OnnxAdmission(file, in);
            try {
                admission.read(Part.MODEL, 0);
            } catch (InvalidProtocolBufferException e) {
                throw admission.notOnnx("it is not a complete ONNX protobuf");
            }
            return admission.conclude();
        }
    }

    private Map<String, Long> conclude() throws ClientException {
        if (!hasVersion || !hasGraph) {
            throw notOnnx("it has no ir_version or no graph");
        }
        nodeDomains.removeAll(functionDomains);
        nodeDomains.removeAll(OPERATOR_DOMAINS);
        if (!nodeDomains.isEmpty()) {
            throw ClientException.local(
                    file + " uses operators of the domain " + nodeDomains.iterator().next(),
                    "export the model with operators of " + OPERATOR_DOMAINS + " only");
        }
        return externalBytes;
    }

    private void read(Part part, int depth) throws IOException, ClientException {
        if (depth > MAX_DEPTH) {
            throw notOnnx("it nests deeper than " + MAX_DEPTH + " levels");
        }
        var external = new External();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            boolean delimited =
                    WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            Part nested = NESTED.getOrDefault(part, Map.of()).get(field);
            if (delimited && nested != null) {
                hasGraph |= part == Part.MODEL && nested == Part.GRAPH;
                readNested(nested, depth + 1);
            } else if (delimited && !readText(part, field, external)) {
                in.skipField(tag);
            } else if (!delimited) {
                hasVersion |= part == Part.MODEL && field == ModelProto.IR_VERSION_FIELD_NUMBER;
                in.skipField(tag);
            }
        }
        if (external.location != null) {
            requireServable(external);
            remember(external.location, external.end());
        }
    }

    /** A node would refuse it too, but only after the push. */
    private void requireServable(External external) throws ClientException {
        if (Long.compareUnsigned(external.length, MAX_TENSOR_BYTES) > 0) {
            throw ClientException.local(
                    file
                            + ": one tensor has "
                            + Long.toUnsignedString(external.length)
                            + " bytes, at offset "
                            + Long.toUnsignedString(external.offset)
                            + " of its file; a node takes less than 2 GiB in one",
                    "split it in the graph, with a node for each part, or export it in half floats");
        }
    }

    private void readNested(Part part, int depth) throws IOException, ClientException {
        int limit = in.pushLimit(in.readRawVarint32());
        read(part, depth);
        in.checkLastTagWas(0);
        if (in.getBytesUntilLimit() != 0) {
            throw notOnnx("a message in it is cut off");
        }
        in.popLimit(limit);
    }

    /** True when the field was one of the few that are read; its bytes are consumed then. */
    private boolean readText(Part part, int field, External external)
            throws IOException, ClientException {
        if (part == Part.TENSOR && field == TensorProto.EXTERNAL_DATA_FIELD_NUMBER) {
            external.take(StringStringEntryProto.parseFrom(shortBytes()));
        } else if (part == Part.NODE && field == NODE_DOMAIN) {
            rememberDomain(nodeDomains);
        } else if (part == Part.FUNCTION && field == FUNCTION_DOMAIN) {
            rememberDomain(functionDomains);
        } else {
            return false;
        }
        return true;
    }

    private byte[] shortBytes() throws IOException, ClientException {
        int length = in.readRawVarint32();
        if (length < 0 || length > MAX_TEXT_BYTES) {
            throw notOnnx("a name in it is longer than " + MAX_TEXT_BYTES + " bytes");
        }
        return in.readRawBytes(length);
    }

    private void rememberDomain(Set<String> domains) throws IOException, ClientException {
        domains.add(new String(shortBytes(), StandardCharsets.UTF_8));
        if (domains.size() > MAX_DOMAINS) {
            throw notOnnx("it names more than " + MAX_DOMAINS + " operator domains");
        }
    }

    private void remember(String location, long end) throws ClientException {
        externalBytes.merge(location, end, Math::max);
        if (externalBytes.size() > MAX_EXTERNAL_FILES) {
            throw notOnnx("it names more than " + MAX_EXTERNAL_FILES + " external files");
        }
    }

    private ClientException notOnnx(String why) {
        return ClientException.local(
                file + " is not an ONNX model: " + why,
                "give a .onnx file, or a folder with one .onnx file and its external data");
    }

    /** The key-value pairs that say where a tensor's bytes are. */
    private final class External {
        @Nullable String location;
        private long offset;
        private long length;

        void take(StringStringEntryProto entry) throws ClientException {
            switch (entry.getKey()) {
                case "location" -> location = entry.getValue();
                case "offset" -> offset = number(entry);
                case "length" -> length = number(entry);
                default -> {
                    // checksum and vendors' keys: nothing that decides what is read
                }
            }
        }

        long end() throws ClientException {
            long end = offset + length;
            if (end < 0) {
                throw notOnnx("external data ends beyond 2^63");
            }
            return end;
        }

        private long number(StringStringEntryProto entry) throws ClientException {
            try {
                return Long.parseUnsignedLong(entry.getValue());
            } catch (NumberFormatException e) {
                throw notOnnx("external data has an " + entry.getKey() + " that is no number");
            }
        }
    }
}
