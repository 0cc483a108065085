package dev.strongroom.bench;

import dev.strongroom.bench.load.FreshLoad;
import dev.strongroom.bench.load.LoadBench;
import dev.strongroom.bench.push.BareUpload;
import dev.strongroom.bench.serve.EchoSide;
import dev.strongroom.e2e.GuardBench;
import dev.strongroom.e2e.PushBench;
import dev.strongroom.e2e.RotationBench;
import dev.strongroom.e2e.ServeBench;
import dev.strongroom.e2e.StartBench;
import java.util.Arrays;

/**
 * {@code ./strongroom bench rotation}, {@code bench load}, {@code bench push}, {@code bench serve},
 * {@code bench guard}, {@code bench start}, or any options of JMH: {@code ./strongroom bench
 * Appraisal}, {@code ./strongroom bench -l}.
 */
public final class Main {
    private static final String USAGE =
            """
            usage:
              bench rotation | load | serve | guard | start | push
                  measures beside a plain counterpart and prints ratios; exit code 1 where one misses
                  what docs/performance.md claims
              bench NAME
                  a JMH benchmark, such as Appraisal; bench -l lists them, bench -h shows JMH's options
            """;

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        String[] rest =
                arguments.length == 0
                        ? arguments
                        : Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (arguments.length == 0 ? "--help" : arguments[0]) {
            case "--help", "help" -> System.out.print(USAGE);
            case "rotation" -> System.exit(RotationBench.run(rest));
            case "load" -> System.exit(LoadBench.run(rest));
            case FreshLoad.NAME -> FreshLoad.run(rest);
            case "serve" -> System.exit(ServeBench.run(rest));
            case "guard" -> System.exit(GuardBench.run(rest));
            case "start" -> System.exit(StartBench.run(rest));
            case "push" -> System.exit(PushBench.run(rest));
            case EchoSide.NAME -> EchoSide.run(rest);
            case BareUpload.NAME -> BareUpload.run(rest);
            case TokenSide.NAME -> TokenSide.run(rest);
            default -> org.openjdk.jmh.Main.main(arguments);
        }
    }
}
