package dev.strongroom.client.prepare;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.ValueInfoProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** Names of a graph's outputs, read as a stream from a file that is known to be ONNX. */
final class GraphOutputs {
    private GraphOutputs() {}

    static Set<String> of(Path file) throws IOException {
        var names = new LinkedHashSet<String>();
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            var in = CodedInputStream.newInstance(bytes);
            in.setSizeLimit(Integer.MAX_VALUE);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == ModelProto.GRAPH_FIELD_NUMBER) {
                    int limit = in.pushLimit(in.readRawVarint32());
                    read(in, names);
                    in.popLimit(limit);
                } else {
                    in.skipField(tag);
                }
            }
        }
        return names;
    }

    private static void read(CodedInputStream graph, Set<String> names) throws IOException {
        for (int tag = graph.readTag(); tag != 0; tag = graph.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == GraphProto.OUTPUT_FIELD_NUMBER) {
                names.add(ValueInfoProto.parseFrom(graph.readByteArray()).getName());
            } else {
                graph.skipField(tag);
            }
        }
    }
}
