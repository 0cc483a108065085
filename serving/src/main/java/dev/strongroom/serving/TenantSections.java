package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.config.Section;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.serving.NodeConfig.Identity;
import dev.strongroom.serving.NodeConfig.Tenant;
import dev.strongroom.serving.NodeConfig.Wanted;
import java.util.List;
import java.util.Optional;

/** What a node's configuration says of whose models it serves. */
final class TenantSections {
    private static final String LIST = "tenants";
    private static final TenantName NO_TENANT = new TenantName("-");
    private static final Digest NO_OWNER = Digest.sha256();

    private TenantSections() {}

    /** One at the file's root, whose owner the host data names, or a list. */
    static List<Tenant> read(Section root, List<Wanted> models) {
        List<Tenant> tenants =
                root.has(LIST)
                        ? list(root)
                        : List.of(only(root, models.getFirst().name().tenant()));
        boolean served =
                models.stream()
                        .allMatch(model ->
                                tenants.stream().anyMatch(each -> each.serves(model.name())));
        if (!served) {
            root.fault(
                    "models",
                    root.has(LIST)
                            ? "expected those of the tenants listed"
                            : "expected those of one tenant; list several, with their owners, under"
                                    + " tenants");
        }
        return tenants;
    }

    private static Tenant only(Section root, TenantName name) {
        return new Tenant(name, Optional.empty(), identity(root), agent(root));
    }

    private static List<Tenant> list(Section root) {
        for (String key : List.of("identity", "agent")) {
            if (root.has(key)) {
                root.fault(key, "beside tenants; write it into the list");
            }
        }
        List<Tenant> tenants =
                root.sections(LIST, "tenant", "owner", "identity", "agent").stream()
                        .map(TenantSections::listed)
                        .toList();
        if (tenants.isEmpty() || tenants.size() > NodeOwners.MAX_OWNERS) {
            root.fault(LIST, "expected 1 to " + NodeOwners.MAX_OWNERS);
        }
        if (tenants.stream().map(Tenant::name).distinct().count() < tenants.size()) {
            root.fault(LIST, "expected each tenant once");
        }
        return tenants;
    }

    private static Tenant listed(Section at) {
        return new Tenant(
                at.parsed("tenant", "1 to 63 of a-z, 0-9 and -", TenantName::new, NO_TENANT),
                Optional.of(at.parsed("owner", "64 lower-case hex digits", Digest::new, NO_OWNER)),
                identity(at),
                agent(at));
    }

    private static Identity identity(Section at) {
        Section identity = at.section("identity", "ca", "cert", "key");
        return new Identity(identity.path("ca"), identity.path("cert"), identity.path("key"));
    }

    private static Optional<String> agent(Section at) {
        return at.has("agent")
                ? Optional.of(at.matching("agent", ConfigFile.HOST_AND_PORT, "HOST:PORT"))
                : Optional.empty();
    }
}
