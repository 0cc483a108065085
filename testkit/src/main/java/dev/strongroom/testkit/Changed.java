package dev.strongroom.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;

/** A record with another value in one component: what a forger makes of a genuine one. */
public final class Changed {
    private Changed() {}

    /**
     * A copy with this value.
     *
     * @throws IllegalArgumentException if there is no such component, or it takes no such value
     */
    public static <R extends Record> R with(R record, String component, Object value) {
        // A record's class is that of what its constructor makes.
        @SuppressWarnings("unchecked")
        var type = (Class<R>) record.getClass();
        RecordComponent[] components = type.getRecordComponents();
        var types = new Class<?>[components.length];
        var values = new Object[components.length];
        boolean found = false;
        try {
            for (int i = 0; i < components.length; i++) {
                boolean changed = components[i].getName().equals(component);
                types[i] = components[i].getType();
                values[i] = changed ? value : components[i].getAccessor().invoke(record);
                found |= changed;
            }
            if (!found) {
                throw new IllegalArgumentException(type + " has no component " + component);
            }
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(type + " does not take it", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + " is not open to this test", e);
        }
    }
}
