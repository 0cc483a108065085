package dev.strongroom.serving.engine;

import ai.onnxruntime.OrtEnvironment;
import java.lang.reflect.Field;

/**
 * Addresses that the library's Java objects keep to themselves (1.29.0).
 *
 * @param api the table of its C functions
 * @param environment of this process
 * @param defaultAllocator its own for the CPU
 */
record OrtHandles(long api, long environment, long defaultAllocator) {
    static OrtHandles of(OrtEnvironment environment) {
        try {
            Class<?> runtime = Class.forName("ai.onnxruntime.OnnxRuntime");
            Object allocator = field(OrtEnvironment.class, "defaultAllocator").get(environment);
            return new OrtHandles(
                    field(runtime, "ortApiHandle").getLong(null),
                    field(OrtEnvironment.class, "nativeHandle").getLong(environment),
                    field(Class.forName("ai.onnxruntime.OrtAllocator"), "handle")
                            .getLong(allocator));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this ONNX Runtime is not the one built against", e);
        }
    }

    private static Field field(Class<?> owner, String name) throws NoSuchFieldException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
