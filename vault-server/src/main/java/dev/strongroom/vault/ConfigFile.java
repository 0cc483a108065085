package dev.strongroom.vault;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.attestation.policy.WitnessSet;
import dev.strongroom.config.Section;
import dev.strongroom.config.Settings;
import dev.strongroom.config.SettingsException;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.WitnessKey;
import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.VaultConfig.Listener;
import dev.strongroom.vault.approval.Roster;
import dev.strongroom.vault.audit.WitnessEndpoint;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Reads a {@link VaultConfig} and collects every fault before it gives up. */
final class ConfigFile {
    private static final String HOST_NAME = "[A-Za-z0-9.:-]{1,253}";
    private static final String KEY_ID = "[0-9a-f]{64}";
    private static final String URL = "https?://[A-Za-z0-9._:\\[\\]-]{1,253}(/[A-Za-z0-9._/-]*)?";
    private static final int MAX_PORT = 65_535;
    private static final long MAX_HOURS = 24L * 365;
    private static final long MAX_DESTROY_DAYS = 365;
    private static final int MAX_BACKUPS = 1000;

    private ConfigFile() {}

    /**
     * Reads a file.
     *
     * @throws StartupException USAGE with all faults, one a line
     */
    static VaultConfig read(Path file) throws StartupException {
        try {
            return Settings.read(file, "dataDir: /path", ConfigFile::config);
        } catch (SettingsException e) {
            throw new StartupException(Exit.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private static VaultConfig config(Section root) {
        root.only(
                "dataDir",
                "token",
                "keyStore",
                "grpc",
                "http",
                "hostNames",
                "limits",
                "approvals",
                "witnesses");
        Path dataDir = root.path("dataDir");
        return new VaultConfig(
                dataDir,
                CustodySection.read(root, dataDir),
                listener(root.section("grpc", "host", "port")),
                listener(root.section("http", "host", "port")),
                root.texts("hostNames", HOST_NAME, "DNS names or addresses"),
                limits(
                        root.section(
                                "limits",
                                "objectBytes",
                                "tenantBytes",
                                "unfinishedVersions",
                                "unfinishedHours",
                                "leaseMinutes",
                                "leaseInferences",
                                "rotationBatch",
                                "destroyDays",
                                "backups")),
                approvals(root),
                witnesses(root));
    }

    private static List<WitnessEndpoint> witnesses(Section root) {
        var witnesses = new ArrayList<WitnessEndpoint>();
        for (Section witness : root.sections("witnesses", "url", "key")) {
            String url = witness.matching("url", URL, "http://HOST:PORT or https://HOST:PORT");
            String key = witness.text("key");
            try {
                witnesses.add(new WitnessEndpoint(URI.create(url), WitnessKey.parse(key)));
            } catch (SealedFormatException | IllegalArgumentException e) {
                witness.fault("key", "expected what `witness init` prints as key");
            }
        }
        if (witnesses.stream().map(WitnessEndpoint::key).distinct().count() != witnesses.size()
                || witnesses.size() > WitnessSet.MAX_WITNESSES) {
            root.fault(
                    "witnesses",
                    "expected at most " + WitnessSet.MAX_WITNESSES + " with different keys");
        }
        return witnesses;
    }

    private static Optional<Roster> approvals(Section root) {
        if (!root.has("approvals")) {
            return Optional.empty();
        }
        Section approvals = root.section("approvals", "threshold", "approvers");
        int threshold = approvals.number("threshold", 0, 1, ApproverSet.MAX_APPROVERS);
        var names = new TreeMap<Digest, String>();
        for (Section approver : approvals.sections("approvers", "name", "key")) {
            String name = approver.text("name");
            String key = approver.matching("key", KEY_ID, "a key id of 64 lower-case hex digits");
            if (key.matches(KEY_ID) && names.put(new Digest(key), name) != null) {
                approver.fault("key", "expected no key twice");
            }
        }
        try {
            return Optional.of(new Roster(threshold, names));
        } catch (IllegalArgumentException e) {
            approvals.fault("approvers", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Listener listener(Section listener) {
        return new Listener(
                listener.text("host", "127.0.0.1"), listener.number("port", 0, 0, MAX_PORT));
    }

    private static Limits limits(Section limits) {
        Limits or = Limits.DEFAULT;
        return new Limits(
                limits.number("objectBytes", or.objectBytes(), 1, Long.MAX_VALUE),
                limits.number("tenantBytes", or.tenantBytes(), 1, Long.MAX_VALUE),
                limits.number("unfinishedVersions", or.unfinishedVersions(), 1, 10_000),
                Duration.ofHours(
                        limits.number(
                                "unfinishedHours", or.unfinishedAge().toHours(), 1, MAX_HOURS)),
                Duration.ofMinutes(
                        limits.number("leaseMinutes", or.lease().toMinutes(), 1, MAX_HOURS * 60)),
                limits.number("leaseInferences", or.leaseInferences(), 1, Long.MAX_VALUE),
                limits.number("rotationBatch", or.rotationBatch(), 1, Limits.MAX_ROTATION_BATCH),
                Duration.ofDays(
                        limits.number(
                                "destroyDays", or.destroyAfter().toDays(), 1, MAX_DESTROY_DAYS)),
                limits.number("backups", or.backups(), 1, MAX_BACKUPS));
    }
}
