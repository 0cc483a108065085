package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.Administration;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.Profile;
import dev.strongroom.crypto.format.TenantName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "create",
        description = {
            "Make a key on this machine, have the vault certify it and write a context folder:",
            "ca.pem, cert.pem, key.pem (mode 0600), pin.txt, vault.txt."
        })
final class IdentityCreate implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--tenant",
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "The identity's tenant; none for operators and auditors of the vault.")
    private @Nullable TenantName tenant;

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "owner, operator, node, consumer or auditor.")
    private Role role;

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Who it is.")
    private String name;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = {
                "Callers of models who share what a group has: one customer's, for instance.",
                "1 to 63 of a-z, 0-9 and -. Default: that of the identity's certificates that",
                "count; else it is a group of its own."
            })
    private @Nullable String group;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The context folder to write; may hold an owner root key already.")
    private Path out;

    @Option(
            names = "--owner-id",
            paramLabel = "HEX",
            converter = DigestConverter.class,
            description = "The owner whose statements the identity believes.")
    private @Nullable Digest owner;

    @Option(
            names = "--valid-days",
            paramLabel = "DAYS",
            defaultValue = "0",
            description = "At most 365; default: the vault's.")
    private int validDays;

    /** Roles of the vault, as certificates carry them. */
    enum Role {
        owner,
        operator,
        node,
        consumer,
        auditor
    }

    IdentityCreate(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        var into = new Profile(out);
        Instant notAfter;
        try (var vault = session.connect()) {
            // The new identity is given the CAs of this context, which follow the vault's.
            var _ = vault.identify(session.pin(), session.anchors());
            notAfter =
                    new Administration(vault, session.random())
                            .createIdentity(
                                    new Administration.Subject(
                                            Optional.ofNullable(tenant),
                                            role.name(),
                                            name,
                                            Optional.ofNullable(group),
                                            validDays),
                                    into,
                                    session.pin(),
                                    believed(into),
                                    session.vaultAddress());
        }
        return session.print(
                Answer.with("context", into.folder().toString())
                        .with("tenant", tenant == null ? "" : tenant.value())
                        .with("role", role.name())
                        .with("name", name)
                        .with("not_after", notAfter.toString())
                        .one());
    }

    /** An owner root that is in the folder already stays the owner to believe. */
    private Optional<Digest> believed(Profile into) throws ClientException, IOException {
        return owner == null ? into.owner() : Optional.of(owner);
    }

    /** Reads an owner id. */
    static final class DigestConverter implements ITypeConverter<Digest> {
        @Override
        public Digest convert(String text) {
            try {
                return new Digest(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("expected 64 lower-case hex digits");
            }
        }
    }
}
