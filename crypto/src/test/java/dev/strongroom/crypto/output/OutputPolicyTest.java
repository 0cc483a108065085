package dev.strongroom.crypto.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.output.OutputPolicy.Defence;
import dev.strongroom.crypto.output.OutputPolicy.Switch;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputPolicyTest {
    private static final String STANDARD = OutputPolicy.standard().canonical();
    private static final String KEY = "ab".repeat(32);

    @Test
    void theStandardPolicyIsOne() throws OutputFormatException {
        assertThat(parse(STANDARD)).isEqualTo(OutputPolicy.standard());
    }

    @Property(tries = 200)
    void readsWhatItWrites(@ForAll("policies") OutputPolicy policy) throws OutputFormatException {
        OutputPolicy read = parse(policy.canonical());
        assertThat(read).isEqualTo(policy);
        assertThat(read.digest()).isEqualTo(policy.digest());
        assertThat(read.explain()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"version\":1",
                "\"caps\":{\"rowsPerBoot\":1000000000,\"rowsPerLease\":1000000000}",
                "\"detector\":\"on\"",
                "\"fingerprint\":\"on\"",
                "\"pardons\":[]"
            })
    void refusesWhatLeavesAFieldOut(String field) {
        String without = STANDARD.replace(field + ",", "").replace("," + field, "");
        assertThat(without).isNotEqualTo(STANDARD);
        assertThatThrownBy(() -> parse(without))
                .isInstanceOf(OutputFormatException.class)
                .hasMessageContaining("expected exactly the fields");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"pardons\":[]|\"pardons\":[],\"shield\":\"off\"",
                "\"memoryKib\":8192|\"memoryKib\":65537",
                "\"passes\":1|\"passes\":17",
                "\"pardons\":[]|\"pardons\":[\"x\"]",
                "\"raw\":true|\"raw\":\"true\"",
                "\"directions\":\"all\"|\"directions\":257",
                "\"detector\":\"on\"|\"detector\":\"maybe\"",
                "\"coarse\":10|\"coarse\":2000",
                "\"detector\":\"on\"|\"detector\":{\"state\":\"on\",\"alphaExponent\":6,\"tauPercent\":150}",
                "\"fingerprint\":\"on\"|\"fingerprint\":true",
                "\"digits\":\"exact\"|\"digits\":10",
                "\"topK\":\"all\"|\"topK\":0",
                "\"tier\":\"trusted\"|\"tier\":\"partner\"",
                "\"allow\":[\"0.0.0.0/0\"|\"allow\":[\"10.1.0.0/8\"",
                "\"allow\":[\"0.0.0.0/0\"|\"allow\":[\"example.org/8\"",
                "\"allow\":[\"0.0.0.0/0\"|\"allow\":[\"10.0.0.0/33\"",
                "\"role\":\"owner\"|\"role\":\"OWNER\"",
                "\"pardons\":[]|\"batching\":\"mixed\",\"pardons\":[]"
            })
    void refusesWhatIsOutsideTheGrammar(String said, String wrong) {
        String policy = STANDARD.replace(said, wrong);
        assertThat(policy).isNotEqualTo(STANDARD);
        assertThatThrownBy(() -> parse(policy)).isInstanceOf(OutputFormatException.class);
    }

    @Test
    void anOperatorsCertificateHasNoTier() {
        OutputPolicy policy = OutputPolicy.standard();
        assertThat(policy.tierOf(KEY, "acme", "consumer", KEY).map(Tier::name))
                .contains(TierName.PARTNER);
        assertThat(policy.tierOf(KEY, "acme", "owner", KEY).map(Tier::name))
                .contains(TierName.TRUSTED);
        assertThat(policy.tierOf(KEY, "-", "operator", KEY)).isEmpty();
    }

    @Test
    void givesTheBestTierThatIsVouchedFor() throws OutputFormatException {
        String key = "cd".repeat(32);
        OutputPolicy policy =
                parse(
                        STANDARD.replace(
                                "\"role\":\"owner\",\"key\":\"*\"",
                                "\"role\":\"*\",\"key\":\"" + key + "\""));
        assertThat(policy.tierOf(KEY, "acme", "consumer", key).map(Tier::name))
                .contains(TierName.TRUSTED);
        assertThat(policy.tierOf(KEY, "acme", "owner", KEY)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "10.0.0.128/25, 10.0.0.127, false",
        "10.0.0.128/25, 10.0.0.128, true",
        "0.0.0.0/0, 192.0.2.1, true",
        "::/0, 192.0.2.1, false",
        "::/0, 2001:db8::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "192.0.2.7/32, 192.0.2.7, true"
    })
    void tellsWhichAddressesAreInARange(String range, String address, boolean inside)
            throws OutputFormatException {
        assertThat(Cidr.parse(range).contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
    }

    @Test
    void aDeniedAddressIsNotAllowed() throws OutputFormatException {
        OutputPolicy policy = parse(STANDARD.replace("\"deny\":[]", "\"deny\":[\"10.0.0.0/8\"]"));
        assertThat(policy.network().admits(InetAddress.ofLiteral("10.0.0.1"))).isFalse();
        assertThat(policy.network().admits(InetAddress.ofLiteral("11.0.0.1"))).isTrue();
    }

    @Provide
    Arbitrary<OutputPolicy> policies() {
        Arbitrary<List<ShownOutput>> outputs =
                Combinators.combine(
                                Arbitraries.of("*", "logits", "last/hidden.state:0"),
                                Arbitraries.of(ShownOutput.Kind.class))
                        .as(ShownOutput::new)
                        .list()
                        .ofMinSize(1)
                        .ofMaxSize(3)
                        .uniqueElements(ShownOutput::name);
        Arbitrary<Set<String>> pardoned =
                Arbitraries.of("acme/consumer/eve", "acme/owner/o.1").set().ofMaxSize(2);
        return Combinators.combine(
                        outputs,
                        tiers(),
                        Arbitraries.longs().between(0, Rate.MOST),
                        Arbitraries.integers().between(1, 18),
                        Arbitraries.of(Switch.class),
                        ranges(),
                        pardoned)
                .as((shown, tiers, rows, alpha, state, ranges, pardons) ->
                        new OutputPolicy(
                                shown,
                                tiers,
                                new OutputPolicy.Caps(rows, rows / 2),
                                defence(alpha),
                                new OutputPolicy.Ladder(
                                        2, 3 + alpha, 4L + rows + alpha, 100, 1 + alpha),
                                new OutputPolicy.Noise(state, 250, alpha),
                                new OutputPolicy.Toil(state, 64 * alpha, 1),
                                defence(alpha / 3),
                                new OutputPolicy.Network(
                                        ranges, List.of(), new Rate(1 + rows / 2, 1)),
                                new OutputPolicy.Sessions(alpha, 1 + rows % 1000, 3),
                                List.copyOf(pardons)));
    }

    private static Defence defence(int number) {
        return List.of(Defence.values()).get(number % Defence.values().length);
    }

    private static Arbitrary<List<Tier>> tiers() {
        return Combinators.combine(
                        Arbitraries.of(TierName.class),
                        Arbitraries.of("*", "owner", "consumer"),
                        Arbitraries.of(0, 4, Tier.MAX_DIGITS, Tier.EXACT),
                        Arbitraries.of(1, 5, Tier.ALL),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(1, 1000))
                .as((name, role, digits, topK, raw, rows) ->
                        new Tier(
                                name,
                                List.of(new Voucher("*", "acme", role, KEY)),
                                List.of("logits"),
                                digits,
                                topK,
                                raw,
                                !raw,
                                raw ? 16 : Tier.ALL,
                                new Rate(rows, rows),
                                new Rate(rows, 2L * rows),
                                rows,
                                rows,
                                rows))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .uniqueElements(Tier::name);
    }

    private static Arbitrary<List<Cidr>> ranges() {
        return Arbitraries.of("0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/32")
                .map(OutputPolicyTest::range)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .uniqueElements();
    }

    private static Cidr range(String text) {
        try {
            return Cidr.parse(text);
        } catch (OutputFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OutputPolicy parse(String json) throws OutputFormatException {
        return OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
