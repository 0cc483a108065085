package dev.strongroom.redteam;

import com.google.protobuf.ByteString;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.FingerprintRoot;
import dev.strongroom.fingerprint.Marker;
import dev.strongroom.fingerprint.Recipient;
import dev.strongroom.fingerprint.RecipientKey;
import dev.strongroom.proto.onnx.GraphProto;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A model with a mark of somebody who does not exist, put in as a node does it, and with all of its
 * weights in it.
 *
 * @param tensors that carry the mark
 */
record MarkedCopy(ModelProto model, int tensors) {
    private static final int FLOAT = 1;
    private static final long MOST_BYTES = 1L << 30; // of a model in one piece

    /**
     * Marks a copy of a file.
     *
     * @throws IllegalArgumentException if it is larger than 1 GiB, or its external data is not
     *     there
     */
    static MarkedCopy of(Path file, SecureRandom random) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw tooLarge(file);
        }
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        GraphProto.Builder graph = model.getGraph().toBuilder();
        long left = MOST_BYTES - model.getSerializedSize();
        int marked = 0;
        try (RecipientKey mark = nobody(random)) {
            for (int at = 0; at < graph.getInitializerCount(); at++) {
                TensorProto whole = whole(graph.getInitializer(at), file, left);
                left -= whole.getRawData().size();
                Optional<TensorProto> changed = marked(whole, mark);
                graph.setInitializer(at, changed.orElse(whole));
                marked += changed.isPresent() ? 1 : 0;
            }
        }
        return new MarkedCopy(model.toBuilder().setGraph(graph).build(), marked);
    }

    private static RecipientKey nobody(SecureRandom random) {
        var secret = new byte[FingerprintRoot.BYTES];
        random.nextBytes(secret);
        try (var root = FingerprintRoot.of(secret);
                FingerprintKey key = root.forVersion(HexFormat.of().formatHex(new byte[16]))) {
            return key.forRecipient(new Recipient("", 0));
        }
    }

    /** With its numbers in it, wherever they are. */
    private static TensorProto whole(TensorProto tensor, Path model, long most) throws IOException {
        if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
            return tensor;
        }
        Map<String, String> place =
                tensor.getExternalDataList().stream()
                        .collect(
                                Collectors.toMap(
                                        StringStringEntryProto::getKey,
                                        StringStringEntryProto::getValue));
        Path data =
                model.toAbsolutePath()
                        .resolveSibling(place.getOrDefault("location", ""))
                        .normalize();
        try (var channel = FileChannel.open(data)) {
            long offset = Long.parseLong(place.getOrDefault("offset", "0"));
            long length =
                    Long.parseLong(
                            place.getOrDefault("length", Long.toString(channel.size() - offset)));
            if (offset < 0 || length < 0 || length > channel.size() - offset) {
                throw new IllegalArgumentException(
                        data + ": tensor " + tensor.getName() + " lies outside of it");
            }
            if (length > most) {
                throw tooLarge(model);
            }
            var bytes = ByteBuffer.allocate((int) length);
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
            return tensor.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(ByteString.copyFrom(bytes.flip()))
                    .build();
        }
    }

    private static IllegalArgumentException tooLarge(Path file) {
        return new IllegalArgumentException(file + ": expected at most 1 GiB with its weights");
    }

    /** Empty where nodes mark nothing. */
    private static Optional<TensorProto> marked(TensorProto tensor, RecipientKey mark) {
        if (tensor.getDataType() != FLOAT || !Marker.marks(tensor.getDimsList())) {
            return Optional.empty();
        }
        ByteBuffer bytes = numbers(tensor);
        Marker.mark(mark, tensor.getName(), bytes.asFloatBuffer());
        return Optional.of(
                tensor.toBuilder().clearFloatData().setRawData(ByteString.copyFrom(bytes)).build());
    }

    private static ByteBuffer numbers(TensorProto tensor) {
        if (tensor.hasRawData()) {
            return ByteBuffer.wrap(tensor.getRawData().toByteArray())
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        var bytes =
                ByteBuffer.allocate(tensor.getFloatDataCount() * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        tensor.getFloatDataList().forEach(bytes::putFloat);
        return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
}
