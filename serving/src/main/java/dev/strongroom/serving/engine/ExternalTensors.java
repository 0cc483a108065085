package dev.strongroom.serving.engine;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the initialisers of a graph, nested graphs included, that live in weights files, and checks
 * each against the files that were opened: name, bounds, and size by shape and type.
 *
 * <p>Numbers are those of onnx.proto.
 */
final class ExternalTensors {
    static final int MAX_TENSORS = 100_000; // the largest public graphs have some 10,000
    static final int MAX_DEPTH = 16; // nested control flow; exporters rarely pass 3
    static final int MAX_DIMENSIONS = 32;
    static final int MAX_NAME_BYTES = 4096;

    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int ATTRIBUTE_GRAPH = 6;
    private static final int ATTRIBUTE_GRAPHS = 11;
    private static final int TENSOR_DIMS = 1;
    private static final int TENSOR_DATA_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_EXTERNAL_DATA = 13;
    private static final int TENSOR_DATA_LOCATION = 14;
    private static final int LOCATION_EXTERNAL = 1;
    private static final int ENTRY_KEY = 1;
    private static final int ENTRY_VALUE = 2;

    private final Map<String, Long> weightFiles;
    private final List<ExternalTensor> found = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private ExternalTensors(Map<String, Long> weightFiles) {
        this.weightFiles = weightFiles;
    }

    /**
     * Reads a serialised ONNX model.
     *
     * @param model the graph file
     * @param weightFiles sizes of the opened weights files by name
     */
    static List<ExternalTensor> find(MemorySegment model, Map<String, Long> weightFiles)
            throws UnservableModelException {
        var finder = new ExternalTensors(weightFiles);
        var cursor = ProtobufCursor.over(model);
        boolean hasGraph = false;
        while (cursor.next()) {
            if (cursor.field() == MODEL_GRAPH) {
                hasGraph = true;
                finder.graph(cursor.message(), 0);
            } else {
                cursor.skip();
            }
        }
        if (!hasGraph) {
            throw new UnservableModelException("graph: not an ONNX model (it has no graph)");
        }
        return finder.found;
    }

    private void graph(ProtobufCursor graph, int depth) throws UnservableModelException {
        if (depth > MAX_DEPTH) {
            throw new UnservableModelException("graph: nested deeper than " + MAX_DEPTH);
        }
        while (graph.next()) {
            switch (graph.field()) {
                case GRAPH_INITIALIZER -> initializer(graph.message());
                case GRAPH_NODE -> node(graph.message(), depth);
                default -> graph.skip();
            }
        }
    }

    private void node(ProtobufCursor node, int depth) throws UnservableModelException {
        while (node.next()) {
            if (node.field() == NODE_ATTRIBUTE) {
                attribute(node.message(), depth);
            } else {
                node.skip();
            }
        }
    }

    private void attribute(ProtobufCursor attribute, int depth) throws UnservableModelException {
        while (attribute.next()) {
            switch (attribute.field()) {
                case ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS -> graph(attribute.message(), depth + 1);
                default -> attribute.skip();
            }
        }
    }

    private void initializer(ProtobufCursor tensor) throws UnservableModelException {
        String name = "";
        long dataType = 0;
        boolean external = false;
        List<Long> shape = new ArrayList<>();
        var place = new Place();
        while (tensor.next()) {
            switch (tensor.field()) {
                case TENSOR_DIMS -> dims(tensor, shape);
                case TENSOR_DATA_TYPE -> dataType = tensor.varint();
                case TENSOR_NAME -> name = tensor.text(MAX_NAME_BYTES);
                case TENSOR_EXTERNAL_DATA -> place.entry(tensor.message());
                case TENSOR_DATA_LOCATION -> external = tensor.varint() == LOCATION_EXTERNAL;
                default -> tensor.skip();
            }
        }
        if (external) {
            add(name, dataType, shape, place);
        }
    }

    private static void dims(ProtobufCursor tensor, List<Long> shape)
            throws UnservableModelException {
        if (tensor.packed()) {
            var values = tensor.message();
            while (!values.atEnd()) {
                shape.add(dimension(values.packedVarint(), shape.size()));
            }
        } else {
            shape.add(dimension(tensor.varint(), shape.size()));
        }
    }

    private static long dimension(long size, int before) throws UnservableModelException {
        if (size < 0 || before == MAX_DIMENSIONS) {
            throw new UnservableModelException(
                    "graph: an initialiser has a negative size or more than "
                            + MAX_DIMENSIONS
                            + " dimensions");
        }
        return size;
    }

    private void add(String name, long dataType, List<Long> shape, Place place)
            throws UnservableModelException {
        if (found.size() == MAX_TENSORS) {
            throw new UnservableModelException(
                    "graph: more than " + MAX_TENSORS + " initialisers in weights files");
        }
        if (!names.add(name)) {
            throw new UnservableModelException(
                    "graph: two initialisers are named '" + name + "'; names must be unique");
        }
        ElementType type =
                ElementType.ofOnnxNumber(dataType)
                        .filter(known -> known != ElementType.BYTES)
                        .orElseThrow(() ->
                                new UnservableModelException(
                                        "initialiser '"
                                                + name
                                                + "': ONNX data type "
                                                + dataType
                                                + " is not supported in a weights file"));
        found.add(place.resolve(name, type, shape, weightFiles));
    }

    /** Where the graph says that a tensor's bytes are. */
    private static final class Place {
        private String file = "";
        private long offset;
        private Optional<Long> length = Optional.empty();

        void entry(ProtobufCursor entry) throws UnservableModelException {
            String key = "";
            String value = "";
            while (entry.next()) {
                switch (entry.field()) {
                    case ENTRY_KEY -> key = entry.text(MAX_NAME_BYTES);
                    case ENTRY_VALUE -> value = entry.text(MAX_NAME_BYTES);
                    default -> entry.skip();
                }
            }
            switch (key) {
                case "location" -> file = value;
                case "offset" -> offset = number(value);
                case "length" -> length = Optional.of(number(value));
                default -> {} // a checksum says nothing that the seal has not proved
            }
        }

        ExternalTensor resolve(
                String name, ElementType type, List<Long> shape, Map<String, Long> files)
                throws UnservableModelException {
            Long fileBytes = files.get(file);
            if (fileBytes == null) {
                throw new UnservableModelException(
                        "initialiser '" + name + "' names a weights file that the manifest lacks");
            }
            long bytes = expectedBytes(name, type, shape);
            if (length.isPresent() && length.get() != bytes) {
                throw new UnservableModelException(
                        "initialiser '%s': expected %d bytes by its shape, the graph says %d"
                                .formatted(name, bytes, length.get()));
            }
            if (offset > fileBytes || bytes > fileBytes - offset) {
                throw new UnservableModelException(
                        "initialiser '%s': %d bytes at offset %d lie outside the file of %d bytes"
                                .formatted(name, bytes, offset, fileBytes));
            }
            return new ExternalTensor(name, type, shape, file, offset, bytes);
        }

        private static long expectedBytes(String name, ElementType type, List<Long> shape)
                throws UnservableModelException {
            try {
                return Math.multiplyExact(Shapes.elements(shape), (long) type.bytes());
            } catch (ArithmeticException e) {
                throw new UnservableModelException(
                        "initialiser '" + name + "': its shape is larger than memory can be");
            }
        }

        private static long number(String decimal) throws UnservableModelException {
            if (!decimal.matches("[0-9]{1,18}")) {
                throw new UnservableModelException(
                        "graph: an offset or length of a weights file is not a number");
            }
            return Long.parseLong(decimal);
        }
    }
}
