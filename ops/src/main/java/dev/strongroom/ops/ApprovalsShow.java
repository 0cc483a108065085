package dev.strongroom.ops;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "Show a request with its document, every signature checked.")
final class ApprovalsShow implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "ID", description = "The request.")
    private String id;

    ApprovalsShow(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(ShownRequest.fields(session.approvals(vault).show(id)).one());
        }
    }
}
