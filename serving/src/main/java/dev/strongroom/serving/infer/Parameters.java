package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.InferParameter;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The parameters of a request, by what they are to be. */
record Parameters(Map<String, InferParameter> given) {
    private static final int MAX_LIST = 64;
    private static final String REASON = "PARAMETER";

    boolean has(String name) {
        return given.containsKey(name);
    }

    boolean truth(String name) {
        InferParameter parameter = given.get(name);
        return parameter != null && parameter.getBoolParam();
    }

    int integer(String name, int otherwise, int least) throws RefusedException {
        long value = integer(name).orElse(otherwise);
        if (value < least || value > Integer.MAX_VALUE) {
            throw expected(name, "a whole number from " + least);
        }
        return (int) value;
    }

    /** Empty when it was not given. */
    OptionalLong integer(String name) throws RefusedException {
        InferParameter parameter = given.get(name);
        if (parameter == null) {
            return OptionalLong.empty();
        }
        return switch (parameter.getParameterChoiceCase()) {
            case INT64_PARAM -> OptionalLong.of(parameter.getInt64Param());
            case UINT64_PARAM -> OptionalLong.of(parameter.getUint64Param());
            default -> throw expected(name, "a whole number");
        };
    }

    /** A number, or its text as clients send it that have no other kind of parameter. */
    double number(String name, double otherwise) throws RefusedException {
        Optional<InferParameter> parameter = Optional.ofNullable(given.get(name));
        if (parameter.isEmpty()) {
            return otherwise;
        }
        return switch (parameter.get().getParameterChoiceCase()) {
            case DOUBLE_PARAM -> parameter.get().getDoubleParam();
            case INT64_PARAM -> parameter.get().getInt64Param();
            case STRING_PARAM -> number(name, parameter.get().getStringParam());
            default -> throw expected(name, "a number");
        };
    }

    private static double number(String name, String text) throws RefusedException {
        if (!text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw expected(name, "a number");
        }
        return Double.parseDouble(text);
    }

    /** Whole numbers below a bound, in a text with commas between them. */
    Set<Integer> list(String name, int below) throws RefusedException {
        InferParameter parameter = given.get(name);
        if (parameter == null) {
            return Set.of();
        }
        String what =
                "at most %d numbers below %d with commas between them".formatted(MAX_LIST, below);
        Set<Integer> numbers = new LinkedHashSet<>();
        for (String text : parameter.getStringParam().split(",", -1)) {
            if (!text.matches("[0-9]{1,9}") || numbers.size() >= MAX_LIST) {
                throw expected(name, what);
            }
            numbers.add(Integer.parseInt(text));
        }
        if (numbers.stream().anyMatch(number -> number >= below)) {
            throw expected(name, what);
        }
        return numbers;
    }

    static RefusedException expected(String name, String what) {
        return RefusedException.invalid(REASON, "parameter " + name + ": expected " + what);
    }
}
