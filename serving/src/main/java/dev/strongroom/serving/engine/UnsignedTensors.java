package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/**
 * Tensors of 16, 32 and 64-bit unsigned integers. The library's native code has them and its public
 * Java API has no way to make one (1.29.0), so this calls the private native method that every
 * public factory ends in.
 */
final class UnsignedTensors {
    private final Method create;
    private final Constructor<TensorInfo> info;
    private final Constructor<OnnxTensor> tensor;
    private final long api;
    private final long allocator;

    private UnsignedTensors(OrtEnvironment environment) throws ReflectiveOperationException {
        create =
                open(
                        OnnxTensor.class.getDeclaredMethod(
                                "createTensorFromBuffer",
                                long.class,
                                long.class,
                                Buffer.class,
                                int.class,
                                long.class,
                                long[].class,
                                int.class));
        info =
                open(
                        TensorInfo.class.getDeclaredConstructor(
                                long[].class, OnnxJavaType.class, OnnxTensorType.class));
        tensor =
                open(
                        OnnxTensor.class.getDeclaredConstructor(
                                long.class,
                                long.class,
                                TensorInfo.class,
                                Buffer.class,
                                boolean.class));
        var handles = OrtHandles.of(environment);
        api = handles.api();
        allocator = handles.defaultAllocator();
    }

    static OnnxTensor over(
            OrtEnvironment environment, ElementType type, long[] shape, ByteBuffer elements)
            throws OrtException {
        try {
            return new UnsignedTensors(environment).tensor(type, shape, elements);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof OrtException refused) {
                throw refused;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this ONNX Runtime is not the one built against", e);
        }
    }

    private OnnxTensor tensor(ElementType type, long[] shape, ByteBuffer elements)
            throws ReflectiveOperationException {
        long bytes = elements.remaining();
        int position = elements.position();
        Object handle =
                create.invoke(
                        null, api, allocator, elements, position, bytes, shape, type.onnx().value);
        var javaType = OnnxJavaType.mapFromOnnxTensorType(type.onnx());
        var tensorInfo = info.newInstance(shape, javaType, type.onnx());
        // Not owned: the memory is the caller's.
        return tensor.newInstance(handle, allocator, tensorInfo, elements, false);
    }

    private static <T extends AccessibleObject> T open(T member) {
        member.setAccessible(true);
        return member;
    }
}
