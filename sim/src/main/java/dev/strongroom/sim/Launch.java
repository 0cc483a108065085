package dev.strongroom.sim;

import dev.strongroom.testkit.ChipConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a host decides when it launches a confidential VM, read off the front of a node's command
 * line: {@code --host-data HEX} (the owner id, needed), and for experiments {@code --measurement
 * HEX}, which comes first, {@code --chip-id HEX}, {@code --vmpl N}, {@code --debug-guest}.
 *
 * @param chip the guest's configuration
 * @param arguments what came after
 */
record Launch(ChipConfig chip, List<String> arguments) {
    Launch {
        arguments = List.copyOf(arguments);
    }

    static Launch of(List<String> commandLine) throws IOException {
        List<String> rest = new ArrayList<>(commandLine);
        if (rest.size() < 2 || !rest.removeFirst().equals("--host-data")) {
            throw new UsageException("--host-data OWNER-ID comes after --world DIR node");
        }
        byte[] hostData = hex(rest.removeFirst());
        ChipConfig chip = ChipConfig.launch(measurement(rest), hostData);
        while (!rest.isEmpty()) {
            switch (rest.getFirst()) {
                case "--chip-id" -> chip = chip.withChipId(hex(value(rest)));
                case "--vmpl" -> chip = chip.withVmpl(Integer.parseInt(value(rest)));
                case "--debug-guest" -> {
                    chip = chip.withDebug();
                    rest.removeFirst();
                }
                default -> {
                    return new Launch(chip, rest);
                }
            }
        }
        return new Launch(chip, rest);
    }

    /** The one that the command line names at its front, else that of what runs here. */
    private static byte[] measurement(List<String> rest) throws IOException {
        boolean named = !rest.isEmpty() && rest.getFirst().equals("--measurement");
        return named ? hex(value(rest)) : NodeImage.measurement();
    }

    private static String value(List<String> rest) {
        String option = rest.removeFirst();
        if (rest.isEmpty()) {
            throw new UsageException(option + " wants a value");
        }
        return rest.removeFirst();
    }

    private static byte[] hex(String text) {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("expected hexadecimal digits, not " + text);
        }
    }
}
