package dev.strongroom.sim;

import dev.strongroom.testkit.softhsm.SoftHsm;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code strongroom-sim token DIR}: makes a SoftHSM2 token with a random PIN in a file of mode
 * 0600, and prints what a vault's configuration has to say of it.
 */
public final class SimToken {
    private SimToken() {}

    public static void main(String[] arguments) throws Exception {
        SimProcess.run(() -> {
            if (arguments.length != 1) {
                throw new UsageException("usage: ./strongroom-sim token DIR");
            }
            return create(Path.of(arguments[0]));
        });
    }

    private static int create(Path folder) {
        if (Files.exists(folder)) {
            throw new UsageException(folder + " exists: a token is made once, in a new folder");
        }
        SoftHsm token = SoftHsm.create(folder);
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        answer.put("module", token.module().toString());
        answer.put("label", token.label());
        answer.put("serial", token.serial());
        answer.put("pinFile", token.pinFile().toString());
        answer.put("configuration", token.configuration().toString());
        System.out.println(answer);
        return 0;
    }
}
