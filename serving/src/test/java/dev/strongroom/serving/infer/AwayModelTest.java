package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What has a model that is away brought in, which may cost another one its place. */
class AwayModelTest {
    private static final String MODEL = "acme/net";

    private static final Caller EVE = new Caller("acme", "consumer", "eve", "", "", "acme", "", 1);
    private final List<Caller> wanted = new ArrayList<>();

    /** It is served, and it is never there. */
    private final class Away implements ServedModels {
        @Override
        public Optional<Hold> hold(String name, String version) {
            return Optional.empty();
        }

        @Override
        public Hold requireFor(Caller caller, String name, String version) throws RefusedException {
            wanted.add(caller);
            return require(name, version);
        }

        @Override
        public boolean away(String name) {
            return name.equals(MODEL);
        }

        @Override
        public List<ServedModel> inForce() {
            return List.of();
        }
    }

    @Test
    void whoOnlyLooksBringsNothingInAndWhoAsksDoes() throws Exception {
        try (var path =
                new InferencePath(new Away(), Guard.OPEN, ServingLimits.of(1 << 20, 1, 1))) {
            var description = new Description(path, "0.1.0");
            assertThat(description.ready(EVE, MODEL, "")).isFalse();
            assertThatThrownBy(() -> description.model(EVE, MODEL, ""))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refusal -> {
                                assertThat(refusal.reason()).isEqualTo("MODEL_AWAY");
                                assertThat(refusal.retryAfter()).isPresent();
                            });
            assertThat(wanted).isEmpty();
            HeldCall call = HeldCall.of(7, 1, 2);
            path.infer(call);
            assertThat(call.refusal().reason()).isEqualTo("MODEL_AWAY");
            assertThat(wanted).containsExactly(call.caller());
        }
    }

    @Test
    void anotherTenantsCallerBringsNothingInAndIsToldThatThereIsNoSuchModel() {
        try (var path =
                new InferencePath(new Away(), Guard.OPEN, ServingLimits.of(1 << 20, 1, 1))) {
            var stranger = new Caller("globex", "consumer", "eve", "", "", "globex", "", 1);
            ServedModels seen = path.models(stranger);
            assertThat(seen.away(MODEL)).isFalse();
            String none = refusalOf(seen, stranger, "acme/none");
            assertThat(refusalOf(seen, stranger, MODEL))
                    .isEqualTo(none.replace("acme/none", MODEL))
                    .startsWith("MODEL_NOT_FOUND");
            assertThat(wanted).isEmpty();
        }
    }

    private static String refusalOf(ServedModels models, Caller caller, String name) {
        RefusedException refusal =
                catchThrowableOfType(
                        RefusedException.class, () -> models.requireFor(caller, name, ""));
        return refusal.reason() + " " + refusal.getMessage();
    }
}
