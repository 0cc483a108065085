package dev.strongroom.ops;

import dev.strongroom.client.ApprovalRequests.Listed;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = "List open requests as the vault tells them; `approvals show` checks one.")
final class ApprovalsList implements Callable<Integer> {
    private final Session session;

    @Option(names = "--all", description = "Also those that were used, rejected or ended.")
    private boolean all;

    ApprovalsList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "approvals",
                            session.approvals(vault).list().stream()
                                    .filter(listed -> all || isOpen(listed))
                                    .map(ApprovalsList::row)
                                    .toList()));
        }
    }

    private boolean isOpen(Listed listed) {
        return listed.standing().equals("open")
                && session.clock().instant().isBefore(listed.notAfter());
    }

    private static Answer.Fields row(Listed listed) {
        return Answer.with("id", listed.id())
                .with("kind", listed.kind())
                .with("subject", listed.subject())
                .with("standing", listed.standing())
                .with("approvals", listed.approvals())
                .with("rejections", listed.rejections())
                .with("not_after", listed.notAfter().toString());
    }
}
