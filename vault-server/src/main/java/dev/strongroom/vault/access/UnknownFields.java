package dev.strongroom.vault.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import java.util.Map;

/**
 * What a request says that this vault does not understand. Protocol buffers pass over such fields,
 * and the vault would do the rest of the request: also where the caller said how, or whether.
 */
final class UnknownFields {
    private UnknownFields() {}

    /**
     * Looks into the request and every message in it.
     *
     * @throws RefusedException REQUEST_MALFORMED at the first field that its type does not have
     */
    static void refuse(Message request) throws RefusedException {
        for (int number : request.getUnknownFields().asMap().keySet()) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "%s has a field %d that this vault does not know, so nothing was done; whoever asks has another release: update the older one"
                            .formatted(request.getDescriptorForType().getName(), number));
        }
        for (Map.Entry<FieldDescriptor, Object> field : request.getAllFields().entrySet()) {
            if (field.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                for (Object inner :
                        field.getKey().isRepeated()
                                ? (List<?>) field.getValue()
                                : List.of(field.getValue())) {
                    refuse((Message) inner);
                }
            }
        }
    }
}
