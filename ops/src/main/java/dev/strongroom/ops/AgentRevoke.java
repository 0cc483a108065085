package dev.strongroom.ops;

import dev.strongroom.client.AgentAddress;
import dev.strongroom.client.OwnerAgent;
import dev.strongroom.client.OwnerKey;
import dev.strongroom.crypto.format.PartRevocation;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "revoke",
        description = {
            "Have the agent release its part no more: of a version, to a chip (the machine of a",
            "node), or to nodes of a measurement. Signed with the owner root; for good.",
            "",
            "  strongroom agent revoke version 2a42ee18… --agent ID@HOST:PORT --reason TEXT"
        })
final class AgentRevoke implements Callable<Integer> {
    private final Session session;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            converter = KindConverter.class,
            description = "version, chip or measurement")
    private PartRevocation.Kind kind;

    @Parameters(
            index = "1",
            paramLabel = "SUBJECT",
            description = {
                "The version_id that `model show` prints; the chip or measurement that `agent log`",
                "shows for part.released."
            })
    private String subject;

    @Option(
            names = "--agent",
            required = true,
            paramLabel = "ID@HOST:PORT",
            converter = AddressConverter.class,
            description = "ID is what `agent init` printed.")
    private AgentAddress agent;

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, in one line: it goes into the agent's log.")
    private String reason;

    AgentRevoke(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var owners = OwnerAgent.open(agent, OwnerKey.load(session.profile()))) {
            long decision = owners.revoke(kind, subject, reason, session.clock().instant());
            return session.print(
                    Answer.with("kind", kind.label())
                            .with("subject", subject)
                            .with("decision", decision)
                            .one());
        }
    }

    /** Reads an agent's name and address. */
    static final class AddressConverter implements ITypeConverter<AgentAddress> {
        @Override
        public AgentAddress convert(String text) {
            try {
                return AgentAddress.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "expected ID@HOST:PORT, ID as `agent init` printed it");
            }
        }
    }

    /** Reads what is revoked. */
    static final class KindConverter implements ITypeConverter<PartRevocation.Kind> {
        @Override
        public PartRevocation.Kind convert(String text) {
            try {
                return PartRevocation.Kind.valueOf(text.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("expected version, chip or measurement");
            }
        }
    }
}
