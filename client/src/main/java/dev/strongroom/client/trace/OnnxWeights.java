package dev.strongroom.client.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.strongroom.client.ClientException;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.proto.onnx.StringStringEntryProto;
import dev.strongroom.proto.onnx.TensorProto;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads the weights of an ONNX file as floats: 32- and 16-bit floats, bfloat16, and 8-bit integers
 * as ONNX Runtime's quantiser writes them ({@code W_quantized}, {@code W_scale}, {@code
 * W_zero_point}). What it cannot read it leaves out. External data is looked for beside the file
 * only.
 */
final class OnnxWeights {
    private static final int FLOAT = 1;
    private static final int UINT8 = 2;
    private static final int INT8 = 3;
    private static final int FLOAT16 = 10;
    private static final int BFLOAT16 = 16;
    private static final String QUANTISED = "_quantized";
    private static final long MAX_FILE_BYTES = Integer.MAX_VALUE; // protobuf's own limit

    private final Path folder;
    private final Map<String, TensorProto> tensors = new LinkedHashMap<>();

    private OnnxWeights(Path folder) {
        this.folder = folder;
    }

    /** All weights of a model that can be read, in the order of the graph. */
    static List<Weight> of(Path file) throws ClientException, IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MAX_FILE_BYTES) {
            throw ClientException.local(
                    file + ": expected an ONNX file of at most 2 GiB",
                    "save larger models with external data");
        }
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "in a folder");
        var weights = new OnnxWeights(folder);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            for (TensorProto tensor : ModelProto.parseFrom(in).getGraph().getInitializerList()) {
                weights.tensors.putIfAbsent(tensor.getName(), tensor);
            }
        } catch (InvalidProtocolBufferException e) {
            throw ClientException.local(file + ": not an ONNX file", "give the model itself");
        }
        return weights.read();
    }

    private List<Weight> read() throws ClientException, IOException {
        var read = new ArrayList<Weight>();
        for (TensorProto tensor : tensors.values()) {
            long elements = elements(tensor.getDimsList());
            if (elements > 0 && elements < Integer.MAX_VALUE) {
                float[] values = values(tensor, (int) elements);
                if (values.length > 0) {
                    read.add(new Weight(plainName(tensor), tensor.getDimsList(), values));
                }
            }
        }
        return List.copyOf(read);
    }

    /** The number of elements; 0 when a size is not positive or they are too many. */
    private static long elements(List<Long> shape) {
        long product = 1;
        for (long size : shape) {
            if (size <= 0 || product > Integer.MAX_VALUE / size) {
                return 0;
            }
            product *= size;
        }
        return product;
    }

    private static String plainName(TensorProto tensor) {
        String name = tensor.getName();
        return isQuantised(tensor) && name.endsWith(QUANTISED)
                ? name.substring(0, name.length() - QUANTISED.length())
                : name;
    }

    private static boolean isQuantised(TensorProto tensor) {
        return tensor.getDataType() == INT8 || tensor.getDataType() == UINT8;
    }

    /** Empty when the type is not a weight's, or the bytes are not there. */
    private float[] values(TensorProto tensor, int elements) throws ClientException, IOException {
        return switch (tensor.getDataType()) {
            case FLOAT -> floats(tensor, elements);
            case FLOAT16 -> halves(bytes(tensor, elements * 2L), elements);
            case BFLOAT16 -> brainFloats(bytes(tensor, elements * 2L), elements);
            case INT8, UINT8 -> dequantised(tensor, elements);
            default -> new float[0];
        };
    }

    private float[] floats(TensorProto tensor, int elements) throws ClientException, IOException {
        if (tensor.getFloatDataCount() == elements) {
            float[] values = new float[elements];
            for (int i = 0; i < elements; i++) {
                values[i] = tensor.getFloatData(i);
            }
            return values;
        }
        ByteBuffer bytes = bytes(tensor, elements * 4L);
        if (!bytes.hasRemaining()) {
            return new float[0];
        }
        float[] values = new float[elements];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private static float[] halves(ByteBuffer bytes, int elements) {
        float[] values = new float[bytes.hasRemaining() ? elements : 0];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(bytes.getShort());
        }
        return values;
    }

    private static float[] brainFloats(ByteBuffer bytes, int elements) {
        float[] values = new float[bytes.hasRemaining() ? elements : 0];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(bytes.getShort() << 16);
        }
        return values;
    }

    /** With one scale for the tensor, or one for each column. */
    private float[] dequantised(TensorProto tensor, int elements)
            throws ClientException, IOException {
        String base = plainName(tensor);
        TensorProto scaleTensor = tensors.get(base + "_scale");
        if (scaleTensor == null || tensor.getDimsCount() == 0) {
            return new float[0];
        }
        int columns = Math.toIntExact(tensor.getDims(tensor.getDimsCount() - 1));
        float[] scale = floats(scaleTensor, (int) Math.max(1, elements(scaleTensor.getDimsList())));
        if (scale.length != 1 && scale.length != columns) {
            return new float[0];
        }
        ByteBuffer bytes = bytes(tensor, elements);
        int[] zero = zeroPoints(base, scale.length);
        float[] values = new float[bytes.hasRemaining() ? elements : 0];
        for (int i = 0; i < values.length; i++) {
            int at = scale.length == 1 ? 0 : i % columns;
            byte stored = bytes.get();
            int integer = tensor.getDataType() == UINT8 ? stored & 0xff : stored;
            values[i] = (integer - zero[at]) * scale[at];
        }
        return values;
    }

    private int[] zeroPoints(String base, int count) throws ClientException, IOException {
        int[] zero = new int[count];
        TensorProto tensor = tensors.get(base + "_zero_point");
        if (tensor != null) {
            ByteBuffer bytes = bytes(tensor, count);
            for (int i = 0; i < count && bytes.hasRemaining(); i++) {
                byte stored = bytes.get();
                zero[i] = tensor.getDataType() == UINT8 ? stored & 0xff : stored;
            }
        }
        return zero;
    }

    /** The tensor's bytes; none when there are not as many as expected. */
    private ByteBuffer bytes(TensorProto tensor, long expected)
            throws ClientException, IOException {
        ByteBuffer bytes = ByteBuffer.allocate(0);
        if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            bytes = external(tensor, expected);
        } else if (tensor.getRawData().size() == expected) {
            bytes = tensor.getRawData().asReadOnlyByteBuffer();
        } else if (tensor.getInt32DataCount() == expected) {
            bytes = ByteBuffer.allocate(Math.toIntExact(expected));
            for (int value : tensor.getInt32DataList()) {
                bytes.put((byte) value);
            }
            bytes.flip();
        }
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer external(TensorProto tensor, long expected)
            throws ClientException, IOException {
        String location = "";
        long offset = 0;
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            switch (entry.getKey()) {
                case "location" -> location = entry.getValue();
                case "offset" -> offset = number(entry.getValue());
                default -> {} // the length follows from the shape
            }
        }
        if (!location.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*")) {
            throw ClientException.local(
                    "tensor '" + tensor.getName() + "' lies in a file outside the model's folder",
                    "put the external data beside the .onnx file");
        }
        try (FileChannel channel = FileChannel.open(folder.resolve(location))) {
            if (expected > Integer.MAX_VALUE
                    || offset > channel.size()
                    || channel.size() - offset < expected) {
                throw ClientException.local(
                        location + ": it ends before tensor '" + tensor.getName() + "' does",
                        "fetch the file again; it is cut off");
            }
            var bytes = ByteBuffer.allocate(Math.toIntExact(expected));
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
            return bytes.flip();
        }
    }

    private static long number(String decimal) throws ClientException {
        if (!decimal.matches("[0-9]{1,18}")) {
            throw ClientException.local(
                    "an offset of external data is not a number", "save the model again");
        }
        return Long.parseLong(decimal);
    }
}
