package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a command ended.
 *
 * @param exit its exit code
 * @param out standard output
 * @param err standard error
 */
record Outcome(int exit, String out, String err) {
    /** The same, once it is known to be a success. */
    Outcome succeeded() {
        assertThat(exit).as("exit code of%n%s%n%s", out, err).isZero();
        return this;
    }

    /** Standard output, read as JSON. */
    JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }

    /** A field of the JSON object on standard output. */
    String field(String name) {
        return json().path(name).asString();
    }
}
