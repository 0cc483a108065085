package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyOrigin;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Custodian;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.CreateTenantRequest;
import dev.strongroom.proto.v1.IssueCertificateRequest;
import dev.strongroom.testkit.SoftwareChip;
import dev.strongroom.testkit.softhsm.SoftHsm;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.Roster;
import dev.strongroom.vault.audit.WitnessEndpoint;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A real vault on a fresh SoftHSM2 token and a fresh chip, with its first operator. */
final class TestVault implements AutoCloseable {
    final Path dir;
    final SoftHsm token;
    final SoftwareChip chip;
    final TestClock clock = new TestClock();
    final VaultConfig config;
    final Digest pin;
    TestIdentity operator;
    private final AtomicInteger issued = new AtomicInteger();
    private final List<ManagedChannel> channels = new CopyOnWriteArrayList<>();
    private final Map<Caller, ManagedChannel> callers = new ConcurrentHashMap<>();
    private final Home home;
    private RunningVault vault;

    /** Who calls, and where the vault listened then. */
    private record Caller(String address, TestIdentity identity) {}

    /** Where the vault runs. */
    private enum Home {
        THIS_PROCESS,
        ITS_OWN_PROCESS
    }

    /** A vault in this process. */
    TestVault(Path dir) throws StartupException {
        this(dir, Optional.empty());
    }

    /** A vault in this process with people who agree to what operators do. */
    TestVault(Path dir, Optional<Roster> approvers) throws StartupException {
        this(dir, SoftHsm.inThisProcess(), TestVault::tokenConfig, approvers, List.of());
    }

    /** A vault in this process that asks witnesses; its keys are in its data folder. */
    static TestVault withWitnesses(Path dir, List<WitnessEndpoint> witnesses)
            throws StartupException {
        return new TestVault(
                dir,
                SoftHsm.inThisProcess(),
                token -> VaultConfig.KeyStore.in(dir.resolve("data")),
                Optional.empty(),
                witnesses);
    }

    /** A vault in this process whose keys are in a file; its token is there and not used. */
    static TestVault inSoftware(Path dir) throws StartupException {
        return new TestVault(
                dir,
                SoftHsm.inThisProcess(),
                token -> VaultConfig.KeyStore.in(dir.resolve("data")),
                Optional.empty(),
                List.of());
    }

    /** A vault in this process whose tenants' keys come from a ceremony. */
    static TestVault withCeremony(Path dir) throws StartupException {
        return new TestVault(
                dir,
                SoftHsm.inThisProcess(),
                token ->
                        new VaultConfig.Token(
                                Pkcs11Module.at(token.module()),
                                token.label(),
                                PinSource.file(token.pinFile()),
                                KeyOrigin.CEREMONY),
                Optional.empty(),
                List.of());
    }

    private TestVault(
            Path dir,
            SoftHsm token,
            Function<SoftHsm, VaultConfig.Custody> custody,
            Optional<Roster> approvers,
            List<WitnessEndpoint> witnesses)
            throws StartupException {
        this.home = Home.THIS_PROCESS;
        this.dir = dir;
        this.token = token;
        this.chip = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        VaultConfig plain = VaultConfig.of(dir.resolve("data"), custody.apply(token));
        this.config =
                new VaultConfig(
                        plain.dataDir(),
                        plain.custody(),
                        plain.grpc(),
                        plain.http(),
                        plain.hostNames(),
                        plain.limits(),
                        approvers,
                        witnesses);
        this.pin = VaultInit.initialise(config, chip.anchors(), dir.resolve("operator"));
        this.operator = readOperator(dir.resolve("operator"));
        this.vault = RunningVault.here(config, chip.anchors(), clock);
    }

    private TestVault(Path dir, SoftHsm token, String moreYaml) throws IOException {
        this.home = Home.ITS_OWN_PROCESS;
        this.dir = dir;
        this.token = token;
        this.chip = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        chip.save(dir.resolve("chip"));
        this.config = VaultConfig.of(dir.resolve("data"), tokenConfig(token));
        Files.writeString(
                dir.resolve("vault.yaml"),
                "dataDir: %s%ntoken: {module: %s, label: %s, pinFile: %s}%n%s%n"
                        .formatted(
                                config.dataDir(),
                                token.module(),
                                token.label(),
                                token.pinFile(),
                                moreYaml));
        var init =
                RunningVault.Child.start(
                        token.environment(),
                        List.of(),
                        0,
                        dir.resolve("chip").toString(),
                        "init",
                        "--config",
                        dir.resolve("vault.yaml").toString(),
                        "--operator-out",
                        dir.resolve("operator").toString());
        if (init.exitCode() != 0) {
            throw new IllegalStateException("vault init failed: " + init.line());
        }
        this.pin = new Digest(Files.readString(dir.resolve("operator/pin.txt")).strip());
        this.operator = readOperator(dir.resolve("operator"));
        this.vault = startChild(0);
    }

    /** A vault in a process of its own, started by its command line. */
    static TestVault inItsOwnProcess(Path dir) throws IOException {
        return inItsOwnProcess(dir, "");
    }

    /** The same with more in its configuration. */
    static TestVault inItsOwnProcess(Path dir, String moreYaml) throws IOException {
        return new TestVault(dir, SoftHsm.create(dir.resolve("token")), moreYaml);
    }

    /** Stops it and starts it in a process that has these options, or may write no larger file. */
    RunningVault.Child restartChild(int fileBlocks, String... jvmOptions) {
        stop();
        RunningVault.Child child = startChild(fileBlocks, jvmOptions);
        vault = child;
        return child;
    }

    /** Has its process end at a point that the work passes, and starts it in a new one. */
    void diesAt(FaultPoint point, Runnable work) {
        var child = (RunningVault.Child) vault;
        try {
            Path armed = Files.createFile(Files.createDirectories(faults()).resolve(point.name()));
            assertThat(catchThrowable(work::run)).isInstanceOf(StatusRuntimeException.class);
            assertThat(child.exitCode()).isEqualTo(FaultPoint.HALT_CODE);
            Files.delete(armed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var _ = restartChild(0);
    }

    private Path faults() {
        return dir.resolve("faults");
    }

    private RunningVault.Child startChild(int fileBlocks, String... jvmOptions) {
        var options = new ArrayList<>(List.of(jvmOptions));
        options.add("-Dstrongroom.fault.folder=" + faults());
        return RunningVault.Child.start(
                token.environment(),
                options,
                fileBlocks,
                dir.resolve("chip").toString(),
                "run",
                "--config",
                dir.resolve("vault.yaml").toString());
    }

    static VaultConfig.Token tokenConfig(SoftHsm token) {
        return new VaultConfig.Token(token.module(), token.label(), token.pinFile());
    }

    TrustAnchors anchors() {
        return chip.anchors();
    }

    String address() {
        return vault.grpcAddress();
    }

    String httpAddress() {
        return vault.httpAddress();
    }

    /** Stops and starts it; open connections end. */
    void restart() throws StartupException {
        stop();
        start();
    }

    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        channels.clear();
        callers.clear();
        vault.stop();
    }

    void start() throws StartupException {
        vault =
                home == Home.THIS_PROCESS
                        ? RunningVault.here(config, chip.anchors(), clock)
                        : startChild(0);
    }

    /** A second vault with the same keys and the same past, from a copy of the data folder. */
    RunningVault twin(Path copy) throws IOException, StartupException {
        stop();
        try (Stream<Path> files = Files.walk(config.dataDir())) {
            for (Path file : files.toList()) {
                Path target = copy.resolve(config.dataDir().relativize(file));
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        start();
        var other =
                new VaultConfig(
                        copy,
                        VaultConfig.KeyStore.in(copy),
                        config.grpc(),
                        config.http(),
                        config.hostNames(),
                        config.limits(),
                        config.approvals(),
                        config.witnesses());
        return RunningVault.here(other, chip.anchors(), clock);
    }

    /** From now on calls go to another vault; answers the one that they went to. */
    RunningVault talkTo(RunningVault other) {
        RunningVault before = vault;
        vault = other;
        return before;
    }

    /** Its one connection for as long as the vault listens where it does. */
    ManagedChannel connected(TestIdentity identity) {
        return callers.computeIfAbsent(new Caller(address(), identity), _ -> connect(identity));
    }

    /** A connection of its own. */
    ManagedChannel connect(TestIdentity identity) {
        ManagedChannel channel = identity.connect(address());
        channels.add(channel);
        return channel;
    }

    /** A new tenant with a new owner. */
    TestOwner tenant(String name) {
        return tenant(name, TestIdentity.newKey());
    }

    TestOwner tenant(String name, KeyPair root) {
        AdminGrpc.newBlockingStub(connected(operator))
                .createTenant(
                        CreateTenantRequest.newBuilder()
                                .setTenant(name)
                                .setOwnerRootSpki(
                                        ByteString.copyFrom(root.getPublic().getEncoded()))
                                .build());
        return new TestOwner(this, name, root);
    }

    TestIdentity issue(String tenant, String role) {
        return issue(tenant, role, "");
    }

    /** Of a group of callers. */
    TestIdentity issue(String tenant, String role, String group) {
        KeyPair key = TestIdentity.newKey();
        var chain =
                AdminGrpc.newBlockingStub(connected(operator))
                        .issueCertificate(
                                IssueCertificateRequest.newBuilder()
                                        .setTenant(tenant)
                                        .setRole(role)
                                        .setName(role + "-" + issued.incrementAndGet())
                                        .setGroup(group)
                                        .setCsr(ByteString.copyFrom(TestIdentity.csr(key)))
                                        .build());
        return new TestIdentity(
                key,
                CertificateAuthority.parse(chain.getChain(0).toByteArray()),
                CertificateAuthority.parse(chain.getChain(1).toByteArray()));
    }

    /** A new certificate for an operator, by the CA of the moment, which he trusts alone. */
    void renewOperator() {
        operator = issue("", "operator");
    }

    /**
     * What the vault's own CA signed and the vault would not have had it sign.
     *
     * @param expired ran out an hour ago
     * @param server what an attested node serves with
     */
    record OwnCas(TestIdentity expired, TestIdentity server) {}

    /** A token is open once a process: the vault is down meanwhile, and listens elsewhere after. */
    OwnCas certificates(Principal ofExpired) throws StartupException {
        stop();
        try (var custodian =
                Pkcs11Custodian.open(Custodians.of(tokenConfig(token)), token.serial())) {
            var signer = custodian.signer(SigningKey.CA, SigningKey.FIRST);
            InstantSource then = InstantSource.offset(InstantSource.system(), Duration.ofHours(-2));
            CertificateAuthority old = authority(signer, then);
            CertificateAuthority now = authority(signer, clock);
            return new OwnCas(
                    certified(spki ->
                            old.issueClient(
                                    ofExpired, Optional.empty(), spki, Duration.ofHours(1))),
                    certified(spki ->
                            now.issueServer(
                                    "node",
                                    spki,
                                    clock.instant().plus(Duration.ofHours(1)),
                                    List.of("localhost"))));
        } catch (CustodyException | RefusedException e) {
            throw new IllegalStateException(e);
        } finally {
            start();
        }
    }

    private CertificateAuthority authority(StatementSigner signer, InstantSource when) {
        return new CertificateAuthority(signer, operator.ca(), when, new SecureRandom());
    }

    private interface Issuing {
        X509Certificate issue(byte[] spki) throws RefusedException;
    }

    private TestIdentity certified(Issuing issuing) throws RefusedException {
        KeyPair key = TestIdentity.newKey();
        return new TestIdentity(key, issuing.issue(key.getPublic().getEncoded()), operator.ca());
    }

    /**
     * Has the ceremony key sign another identity, and puts it where the stopped vault has its own.
     */
    void identifyAs(UnaryOperator<VaultIdentity> change) throws Exception {
        try (Connection connection = database();
                var row = connection.createStatement();
                var custodian =
                        Pkcs11Custodian.open(Custodians.of(tokenConfig(token)), token.serial())) {
            String own =
                    row.executeQuery("SELECT value FROM meta WHERE key = 'VAULT_IDENTITY'")
                            .getString(1);
            Dsse signed = Dsse.decode(HexFormat.of().parseHex(own));
            byte[] other =
                    change.apply(VaultIdentity.verify(signed, pin))
                            .sign(custodian.signer(SigningKey.CEREMONY, SigningKey.FIRST))
                            .encode();
            row.execute(
                    "UPDATE meta SET value = '%s' WHERE key = 'VAULT_IDENTITY'"
                            .formatted(HexFormat.of().formatHex(other)));
        }
    }

    private Connection database() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + config.dataDir().resolve("vault.db"));
    }

    /** Runs SQL behind the vault's back, as whoever has its disk could. */
    void sql(String... statements) throws SQLException {
        try (Connection connection = database()) {
            for (String statement : statements) {
                connection.createStatement().execute(statement);
            }
        }
    }

    long count(String query) throws SQLException {
        try (Connection connection = database();
                var result = connection.createStatement().executeQuery(query)) {
            return result.next() ? result.getLong(1) : 0;
        }
    }

    byte[] bytes(String query) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + config.dataDir().resolve("vault.db"));
                var result = connection.createStatement().executeQuery(query)) {
            return result.next() ? result.getBytes(1) : new byte[0];
        }
    }

    static TestIdentity readOperator(Path folder) {
        try {
            var key =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(pem(folder.resolve("key.pem"))));
            X509Certificate certificate = certificate(folder.resolve("cert.pem"));
            return new TestIdentity(
                    new KeyPair(certificate.getPublicKey(), key),
                    certificate,
                    certificate(folder.resolve("ca.pem")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate certificate(Path file)
            throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static byte[] pem(Path file) throws IOException {
        String body = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        return Base64.getMimeDecoder().decode(body);
    }

    @Override
    public void close() {
        stop();
    }
}
