package dev.strongroom.ops;

import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.Ceremony;
import dev.strongroom.crypto.custody.pkcs11.CeremonyPlan;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript.Standing;
import dev.strongroom.crypto.custody.pkcs11.CeremonyTranscript.Step;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.custody.pkcs11.ProfileName;
import dev.strongroom.crypto.format.TenantName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "ceremony",
        description = {
            "As the token's security officer, make a tenant's keys so that the vault can use them",
            "and neither make, change nor destroy them, and register who they are released to.",
            "Local: the token is on this machine and the vault is stopped. Keep the transcript.",
            "On a software token this is a rehearsal and protects nothing more than before."
        })
final class KeysCeremony implements Callable<Integer> {
    private static final long MAX_KEY_FILE_BYTES = 4096;

    private final Session session;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--module",
            required = true,
            paramLabel = "FILE",
            description = "The PKCS#11 library.")
    private Path module;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Of a module that is not known by itself: ${COMPLETION-CANDIDATES}.")
    private @Nullable ProfileName profile;

    @Option(names = "--token", required = true, paramLabel = "LABEL", description = "Which token.")
    private String token;

    @Option(
            names = "--so-pin-file",
            required = true,
            paramLabel = "FILE",
            description = "The security officer's PIN, mode 0600; take it away afterwards.")
    private Path soPinFile;

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "NAME",
            converter = TenantConverter.class,
            description = "Whose keys.")
    private TenantName tenant;

    @Option(
            names = "--versions",
            required = true,
            paramLabel = "A-B",
            description = "Key-encryption keys to make: one for now and one for each rotation.")
    private String versions;

    @Option(
            names = "--import-version",
            defaultValue = "1",
            paramLabel = "N",
            description = "Import key to make, or to verify if it is there. Default: 1.")
    private int importVersion;

    @Option(
            names = "--recipient",
            arity = "1..*",
            paramLabel = "FILE",
            description = "RSA-3072 public keys (DER) that data keys may be released to.")
    private List<Path> recipients = new ArrayList<>();

    @Option(names = "--dry-run", description = "Say what would be made; touch no token.")
    private boolean dryRun;

    KeysCeremony(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        CeremonyPlan plan = plan();
        if (dryRun) {
            return session.print(
                    Answer.with("token", token)
                            .with("tenant", tenant.value())
                            .with("first_version", plan.firstKek())
                            .with("last_version", plan.lastKek())
                            .with("import_version", plan.importKey())
                            .with("recipients", plan.recipients().size())
                            .with("dry_run", true)
                            .one());
        }
        return session.print(answer(Ceremony.hold(plan)));
    }

    private CeremonyPlan plan() throws IOException {
        String[] range = versions.split("-", -1);
        List<byte[]> keys = new ArrayList<>();
        for (Path recipient : recipients) {
            if (Files.size(recipient) > MAX_KEY_FILE_BYTES) {
                throw new ParameterException(
                        Objects.requireNonNull(spec, "set by picocli").commandLine(),
                        recipient + ": too large for a public key in DER");
            }
            keys.add(Files.readAllBytes(recipient));
        }
        try {
            return new CeremonyPlan(
                    new Pkcs11Module(
                            module.toAbsolutePath(),
                            Optional.ofNullable(profile),
                            Optional.empty(),
                            Optional.empty()),
                    token,
                    PinSource.file(soPinFile),
                    tenant,
                    Integer.parseInt(range[0]),
                    Integer.parseInt(range[range.length - 1]),
                    importVersion,
                    keys);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    Objects.requireNonNull(spec, "set by picocli").commandLine(),
                    "--versions: expected A-B, for example 1-5");
        }
    }

    private Answer answer(CeremonyTranscript transcript) {
        Answer.Fields fields =
                Answer.with("module", transcript.module())
                        .with("token", transcript.tokenLabel())
                        .with("serial", transcript.tokenSerial())
                        .with("tenant", tenant.value())
                        .with("held_at", session.clock().instant().toString())
                        .with("standing", transcript.standing().name())
                        .with("worth", worth(transcript.standing()));
        if (session.format() == OutputFormat.TABLE) {
            int number = 0;
            for (Step step : transcript.steps()) {
                fields.with("step " + ++number, line(step));
            }
            return fields.one();
        }
        return fields.with("steps", transcript.steps().stream().map(KeysCeremony::row).toList())
                .one();
    }

    private static String worth(Standing standing) {
        return switch (standing) {
            case TRUSTED -> "keys of level HSM_TRUSTED";
            case REHEARSAL ->
                    "A REHEARSAL: this is a software token, which stores what an officer makes in"
                            + " clear; its keys are of level SOFT_TOKEN";
        };
    }

    private static String line(Step step) {
        var text = new StringBuilder(step.action());
        if (!step.object().isEmpty()) {
            text.append(' ').append(step.object());
        }
        step.verified()
                .forEach((name, value) ->
                        text.append("\n    ").append(name).append(" = ").append(value));
        return text.toString();
    }

    private static Map<String, Object> row(Step step) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("action", step.action());
        row.put("object", step.object());
        row.put("id", step.id());
        row.put("verified", step.verified());
        return row;
    }
}
