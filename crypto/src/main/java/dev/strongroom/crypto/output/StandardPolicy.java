package dev.strongroom.crypto.output;

import dev.strongroom.crypto.output.OutputPolicy.Caps;
import dev.strongroom.crypto.output.OutputPolicy.Defence;
import dev.strongroom.crypto.output.OutputPolicy.Ladder;
import dev.strongroom.crypto.output.OutputPolicy.Network;
import dev.strongroom.crypto.output.OutputPolicy.Noise;
import dev.strongroom.crypto.output.OutputPolicy.Sessions;
import dev.strongroom.crypto.output.OutputPolicy.Switch;
import dev.strongroom.crypto.output.OutputPolicy.Toil;
import java.net.InetAddress;
import java.util.List;

/**
 * What an owner starts from: his own certificates are trusted, consumers of his tenant are
 * partners, nobody is on trial or anonymous until he names somebody. Partners see what the model
 * says, vectors included, since only the owner knows what his outputs are: naming them is what to
 * change first.
 */
final class StandardPolicy {
    private static final int MILLION = 1_000_000;

    static final OutputPolicy POLICY =
            new OutputPolicy(
                    List.of(new ShownOutput("*", ShownOutput.Kind.AUTO)),
                    List.of(
                            tier(TierName.ANONYMOUS, 1, 1, new Rate(1, 10), 100, 4),
                            tier(TierName.TRIAL, 2, 5, new Rate(10, 100), 2000, 2),
                            open(TierName.PARTNER, "consumer", 10 * MILLION),
                            open(TierName.TRUSTED, "owner", 100 * MILLION)),
                    new Caps(1000L * MILLION, 1000L * MILLION),
                    Defence.ON,
                    new Ladder(10, 1000, MILLION, 100, 1000),
                    new Noise(Switch.OFF, 250, 50),
                    new Toil(Switch.OFF, 8 * 1024, 1),
                    Defence.ON,
                    new Network(
                            List.of(everything("0.0.0.0"), everything("::")),
                            List.of(),
                            new Rate(100_000, 400_000)),
                    new Sessions(300, 3600, 256),
                    List.of());

    private StandardPolicy() {}

    private static Tier tier(
            TierName name, int digits, int topK, Rate rate, long rowsPerDay, int price) {
        return new Tier(
                name,
                List.of(),
                List.of("*"),
                digits,
                topK,
                false,
                true,
                Tier.ALL,
                rate,
                new Rate(10 * rate.rowsPerSecond(), 10 * rate.burst()),
                rowsPerDay,
                rowsPerDay,
                price);
    }

    private static Tier open(TierName name, String role, long rowsPerDay) {
        return new Tier(
                name,
                List.of(new Voucher(Voucher.ANY, Voucher.ANY, role, Voucher.ANY)),
                List.of("*"),
                Tier.EXACT,
                Tier.ALL,
                true,
                false,
                Tier.ALL,
                new Rate(100_000, 400_000),
                new Rate(200_000, 800_000),
                rowsPerDay,
                rowsPerDay,
                1);
    }

    private static Cidr everything(String address) {
        return new Cidr(InetAddress.ofLiteral(address), 0);
    }
}
