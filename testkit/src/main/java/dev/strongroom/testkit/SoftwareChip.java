package dev.strongroom.testkit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.simulated.SimulatedAnchors;
import dev.strongroom.attestation.snp.ProductLine;
import dev.strongroom.attestation.snp.SnpReport;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A chip in software: signs SEV-SNP reports of the real format under a root that it made itself.
 * Shows that the protocol works; protects nothing.
 *
 * <p>The root key is made anew with every chip and forgotten with it: {@link #save} keeps the
 * root's certificate and the intermediate key, so that other processes of one simulated world can
 * sign under the same root.
 *
 * <p>Thread-safe.
 */
public final class SoftwareChip {
    /** SMT on, ECC memory, check for aliased memory passed. */
    private static final long PLATFORM_INFO = 0x25;

    private static final String ROOT_FILE = "root.der";
    private static final String ASK_FILE = "ask.der";
    private static final String ASK_KEY_FILE = "ask.key";
    private static final String CRL_FILE = "crl.der";
    private static final String LINE_FILE = "line.txt";

    private final ProductLine line;
    private final byte[] root;
    private final byte[] ask;
    private final PrivateKey askKey;
    private final byte[] crl;
    private final SecureRandom random;
    private final InstantSource clock;
    private final List<PrivateKey> rootKey; // empty for a chip that was loaded
    private final Optional<Path> folder; // of a chip that was loaded

    private SoftwareChip(
            ProductLine line,
            byte[] root,
            byte[] ask,
            PrivateKey askKey,
            byte[] crl,
            List<PrivateKey> rootKey,
            Optional<Path> folder,
            SecureRandom random,
            InstantSource clock) {
        this.line = line;
        this.root = root;
        this.ask = ask;
        this.askKey = askKey;
        this.crl = crl;
        this.rootKey = rootKey;
        this.folder = folder;
        this.random = random;
        this.clock = clock;
    }

    /** Makes a chip of the Genoa line with a root of its own. */
    public static SoftwareChip create(SecureRandom random, InstantSource clock) {
        return create(ProductLine.GENOA, random, clock);
    }

    /** Makes a chip of any line with a root of its own. */
    public static SoftwareChip create(ProductLine line, SecureRandom random, InstantSource clock) {
        try {
            KeyPair rootPair = ChipAuthority.newRsa(random);
            KeyPair askPair = ChipAuthority.newRsa(random);
            var now = clock.instant();
            return new SoftwareChip(
                    line,
                    ChipAuthority.root(rootPair, line, now),
                    ChipAuthority.ask(askPair.getPublic(), rootPair.getPrivate(), line, now),
                    askPair.getPrivate(),
                    ChipAuthority.emptyRevocationList(rootPair.getPrivate(), line, now),
                    List.of(rootPair.getPrivate()),
                    Optional.empty(),
                    random,
                    clock);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    /** A chip that another process saved. */
    public static SoftwareChip load(Path dir, SecureRandom random, InstantSource clock)
            throws IOException {
        try {
            var key = new PKCS8EncodedKeySpec(Files.readAllBytes(dir.resolve(ASK_KEY_FILE)));
            return new SoftwareChip(
                    readLine(dir),
                    Files.readAllBytes(dir.resolve(ROOT_FILE)),
                    Files.readAllBytes(dir.resolve(ASK_FILE)),
                    KeyFactory.getInstance("RSA").generatePrivate(key),
                    Files.readAllBytes(dir.resolve(CRL_FILE)),
                    List.of(),
                    Optional.of(dir),
                    random,
                    clock);
        } catch (GeneralSecurityException e) {
            throw new IOException("chip in " + dir + ": expected a PKCS#8 RSA key", e);
        }
    }

    /** Keeps this chip in a folder, which is made if need be; the key's file has mode 0600. */
    public void save(Path dir) throws IOException {
        Files.createDirectories(dir);
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var key =
                Files.newByteChannel(
                        dir.resolve(ASK_KEY_FILE),
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly)) {
            key.write(ByteBuffer.wrap(askKey.getEncoded()));
        }
        Files.write(dir.resolve(ASK_FILE), ask);
        Files.write(dir.resolve(CRL_FILE), crl);
        Files.writeString(dir.resolve(LINE_FILE), line.label());
        Files.write(dir.resolve(ROOT_FILE), root);
    }

    /** What a verifier must be given to believe this chip. */
    public TrustAnchors anchors() {
        return SimulatedAnchors.of(Digest.sha256(root), line);
    }

    /** What a verifier must be given to believe the chip saved in a folder; reads no key. */
    public static TrustAnchors anchors(Path dir) throws IOException {
        byte[] root = Files.readAllBytes(dir.resolve(ROOT_FILE));
        return SimulatedAnchors.of(Digest.sha256(root), readLine(dir));
    }

    /** A revocation list of this root, DER, valid from now on for a day. */
    public byte[] revocationList(BigInteger... serials) {
        var now = clock.instant();
        return ChipAuthority.revocationList(
                rootKey.getFirst(), line, now, now.plusSeconds(86_400), serials);
    }

    /** A running guest whose evidence is simulated. */
    public Guest guest(ChipConfig config) {
        Vcek vcek = vcek(config);
        return new Guest() {
            @Override
            public Tee tee() {
                return Tee.SIMULATED;
            }

            @Override
            public Evidence evidence(byte[] reportData) {
                return vcek.sign(report(config, reportData));
            }
        };
    }

    /** A report without its signature, for tests that change a byte before it is signed. */
    public byte[] report(ChipConfig config, byte[] reportData) {
        if (reportData.length != SnpReport.REPORT_DATA_BYTES) {
            throw new IllegalArgumentException(
                    "report data: expected 64 bytes, got " + reportData.length);
        }
        long tcb = config.tcb().raw(line);
        var report = ByteBuffer.allocate(SnpReport.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        report.putInt(0x000, config.reportVersion());
        report.putInt(0x004, config.guestSvn());
        report.putLong(0x008, config.guestPolicy());
        report.putInt(0x030, config.vmpl());
        report.putInt(0x034, 1); // ECDSA P-384 with SHA-384
        report.putLong(0x038, tcb);
        report.putLong(0x040, PLATFORM_INFO);
        report.put(0x050, reportData);
        report.put(0x090, config.measurement());
        report.put(0x0C0, config.hostData());
        report.putLong(0x180, tcb);
        if (config.reportVersion() >= 3) {
            report.put(0x188, cpuid());
        }
        report.put(0x1A0, config.chipId());
        report.putLong(0x1E0, tcb);
        report.putLong(0x1F0, tcb);
        return report.array();
    }

    /** The key that this chip, at these firmware versions, signs reports with. */
    public Vcek vcek(ChipConfig config) {
        try {
            VcekFile.Kept kept =
                    folder.isEmpty()
                            ? newVcek(config)
                            : kept(VcekFile.of(folder.get(), line, config), config);
            return new Vcek(kept.key(), List.of(kept.leaf(), ask, root), crl);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-384", e);
        }
    }

    private VcekFile.Kept kept(VcekFile file, ChipConfig config) throws GeneralSecurityException {
        Optional<VcekFile.Kept> before = file.read();
        if (before.isPresent()) {
            return before.get();
        }
        VcekFile.Kept made = newVcek(config);
        file.write(made);
        return made;
    }

    private VcekFile.Kept newVcek(ChipConfig config) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"), random);
        KeyPair pair = generator.generateKeyPair();
        byte[] leaf =
                ChipAuthority.vcek(
                        pair.getPublic(),
                        askKey,
                        line,
                        config.chipId(),
                        config.tcb(),
                        clock.instant());
        return new VcekFile.Kept(pair.getPrivate(), leaf);
    }

    /** A chip's signing key with its certificate chain. */
    public static final class Vcek {
        private static final int SIGNED_BYTES = 0x2A0;
        private static final int SCALAR_BYTES = 48;
        private static final int SCALAR_FIELD_BYTES = 72;

        private final PrivateKey key;
        private final List<byte[]> chain;
        private final byte[] crl;

        private Vcek(PrivateKey key, List<byte[]> chain, byte[] crl) {
            this.key = key;
            this.chain = chain;
            this.crl = crl;
        }

        /** Leaf, intermediate and root, DER. */
        public List<byte[]> chain() {
            return chain;
        }

        /** Signs whatever the report says: the chip of a test does not judge. */
        public Evidence sign(byte[] report) {
            var items = new ArrayList<EvidenceItem>();
            chain.forEach(each -> items.add(new EvidenceItem(EvidenceItem.Kind.CERTIFICATE, each)));
            items.add(new EvidenceItem(EvidenceItem.Kind.CRL, crl));
            return new Evidence(Evidence.Format.SNP_REPORT, sign(report, key), items, List.of());
        }

        static byte[] sign(byte[] report, PrivateKey key) {
            byte[] signed = report.clone();
            byte[] signature = signature(signed, key);
            for (int i = 0; i < SCALAR_BYTES; i++) {
                signed[SIGNED_BYTES + i] = signature[SCALAR_BYTES - 1 - i];
                signed[SIGNED_BYTES + SCALAR_FIELD_BYTES + i] = signature[2 * SCALAR_BYTES - 1 - i];
            }
            return signed;
        }

        private static byte[] signature(byte[] report, PrivateKey key) {
            try {
                Signature ecdsa = Signature.getInstance("SHA384withECDSAinP1363Format");
                ecdsa.initSign(key);
                ecdsa.update(report, 0, SIGNED_BYTES);
                return ecdsa.sign();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("signing with P-384", e);
            }
        }
    }

    private byte[] cpuid() {
        return switch (line) {
            case MILAN -> new byte[] {0x19, 0x01, 0x01};
            case GENOA -> new byte[] {0x19, 0x11, 0x01};
            case TURIN -> new byte[] {0x1A, 0x02, 0x01};
        };
    }

    private static ProductLine readLine(Path dir) throws IOException {
        String label = Files.readString(dir.resolve(LINE_FILE), StandardCharsets.US_ASCII);
        return ProductLine.ofProductName(label)
                .orElseThrow(() -> new IOException("chip in " + dir + ": expected a product line"));
    }
}
