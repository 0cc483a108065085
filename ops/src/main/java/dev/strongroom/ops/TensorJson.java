package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.DataType;
import dev.strongroom.client.ModelSignature;
import dev.strongroom.client.Tensor;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tensors as nested JSON lists, the shape taken from the nesting. */
final class TensorJson {
    private static final int MAX_RANK = 16;

    private final ModelSignature.Port port;
    private final List<Long> shape = new ArrayList<>();
    private final List<JsonNode> elements = new ArrayList<>();

    private TensorJson(ModelSignature.Port port) {
        this.port = port;
    }

    /** Reads JSON as the tensor that the model's input of this name takes. */
    static Tensor read(ModelSignature.Port port, String json) throws ClientException {
        JsonNode root;
        try {
            root = JsonMapper.builder().build().readTree(json);
        } catch (JacksonException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    "input " + port.name() + " is not JSON",
                    "give nested lists, for example [[1, 2], [3, 4]]",
                    e);
        }
        var reader = new TensorJson(port);
        reader.take(root, 0);
        return reader.tensor();
    }

    /** Writes a tensor as nested lists. */
    static Object write(Tensor tensor) {
        ByteBuffer data = tensor.buffer();
        return nested(tensor, data, 0);
    }

    private static Object nested(Tensor tensor, ByteBuffer data, int depth) {
        if (depth == tensor.shape().size()) {
            return element(tensor.type(), data);
        }
        var list = new ArrayList<Object>();
        for (long i = 0; i < tensor.shape().get(depth); i++) {
            list.add(nested(tensor, data, depth + 1));
        }
        return list;
    }

    private static Object element(DataType type, ByteBuffer data) {
        return switch (type) {
            case BOOL -> data.get() != 0;
            case UINT8 -> Byte.toUnsignedInt(data.get());
            case UINT16 -> Short.toUnsignedInt(data.getShort());
            case UINT32 -> Integer.toUnsignedLong(data.getInt());
            case UINT64 -> new BigInteger(Long.toUnsignedString(data.getLong()));
            case INT8 -> data.get();
            case INT16 -> data.getShort();
            case INT32 -> data.getInt();
            case INT64 -> data.getLong();
            case FP16 -> Float.float16ToFloat(data.getShort());
            case FP32 -> data.getFloat();
            case FP64 -> data.getDouble();
            case BYTES -> {
                byte[] text = new byte[data.getInt()];
                data.get(text);
                yield new String(text, StandardCharsets.UTF_8);
            }
        };
    }

    private void take(JsonNode node, int depth) throws ClientException {
        if (!node.isArray()) {
            if (depth != shape.size()) {
                throw ragged();
            }
            elements.add(node);
            return;
        }
        if (depth >= MAX_RANK) {
            throw ragged();
        }
        if (depth == shape.size()) {
            if (!elements.isEmpty()) {
                throw ragged();
            }
            shape.add((long) node.size());
        } else if (shape.get(depth) != node.size()) {
            throw ragged();
        }
        for (JsonNode child : node) {
            take(child, depth + 1);
        }
    }

    private Tensor tensor() throws ClientException {
        for (JsonNode element : elements) {
            requireFits(element);
        }
        int bytes =
                port.type() == DataType.BYTES
                        ? elements.stream().mapToInt(e -> 4 + utf8(e).length).sum()
                        : elements.size() * port.type().bytes();
        byte[] data = new byte[bytes];
        ByteBuffer out = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode element : elements) {
            put(element, out);
        }
        return new Tensor(port.name(), port.type(), shape, data);
    }

    private void requireFits(JsonNode element) throws ClientException {
        boolean fits =
                switch (port.type()) {
                    case BOOL -> element.isBoolean();
                    case BYTES -> element.isString();
                    case FP16, FP32, FP64 -> element.isNumber();
                    default -> element.isIntegralNumber();
                };
        if (!fits) {
            throw wrongElement();
        }
    }

    private void put(JsonNode element, ByteBuffer out) throws ClientException {
        switch (port.type()) {
            case BOOL -> out.put((byte) (element.asBoolean() ? 1 : 0));
            case INT8 -> out.put((byte) integer(element, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> out.putShort((short) integer(element, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> out.putInt((int) integer(element, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> out.putLong(integer(element, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT8 -> out.put((byte) integer(element, 0, 0xff));
            case UINT16 -> out.putShort((short) integer(element, 0, 0xffff));
            case UINT32 -> out.putInt((int) integer(element, 0, 0xffff_ffffL));
            case UINT64 -> out.putLong(unsigned(element));
            case FP16 -> out.putShort(Float.floatToFloat16((float) element.doubleValue()));
            case FP32 -> out.putFloat((float) element.doubleValue());
            case FP64 -> out.putDouble(element.doubleValue());
            case BYTES -> {
                byte[] text = utf8(element);
                out.putInt(text.length).put(text);
            }
        }
    }

    private long integer(JsonNode element, long min, long max) throws ClientException {
        BigInteger value = element.bigIntegerValue();
        if (value.compareTo(BigInteger.valueOf(min)) < 0
                || value.compareTo(BigInteger.valueOf(max)) > 0) {
            throw wrongElement();
        }
        return value.longValue();
    }

    private long unsigned(JsonNode element) throws ClientException {
        BigInteger value = element.bigIntegerValue();
        if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
            throw wrongElement();
        }
        return value.longValue();
    }

    private static byte[] utf8(JsonNode element) {
        return element.asString().getBytes(StandardCharsets.UTF_8);
    }

    private ClientException wrongElement() {
        return ClientException.local(
                "input " + port.name() + " has an element that is no " + port.type(),
                "give elements of " + port.type() + " only");
    }

    private ClientException ragged() {
        return ClientException.local(
                "input " + port.name() + ": its lists are not all of one length and depth",
                "give nested lists of one shape, for example [[1, 2], [3, 4]]");
    }
}
