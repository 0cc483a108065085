package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Says whether a TDX quote is authentic, and how Intel rates the platform that signed it: parsed
 * strictly, the chain in it ends in a believed root, nothing on the way is revoked, the quoting
 * enclave is Intel's and vouches for the key that signed, and current collateral knows the
 * platform's security versions. Follows the checks of Intel's quote verification library.
 *
 * <p>Collateral is given as bytes; nothing is fetched. What is missing, stale or unknown refuses.
 *
 * <p>Immutable and thread-safe.
 */
public final class TdxVerifier {
    /** Every rule that a refusal of {@link #verify} can name, in the order of the checks. */
    public static final List<String> RULES =
            List.of(
                    "tdx.format",
                    "tdx.chain.certificates",
                    "tdx.chain.root",
                    "tdx.chain.names",
                    "tdx.chain.keys",
                    "tdx.chain.validity",
                    "tdx.chain.signature",
                    "tdx.chain.path",
                    "tdx.chain.revocation-unknown",
                    "tdx.chain.revoked",
                    "tdx.pck.extension",
                    "tdx.qe.signature",
                    "tdx.qe.binding",
                    "tdx.attestation-key",
                    "tdx.signature",
                    "tdx.collateral.signer",
                    "tdx.collateral.missing",
                    "tdx.collateral.format",
                    "tdx.collateral.signature",
                    "tdx.collateral.mismatch",
                    "tdx.collateral.stale",
                    "tdx.collateral.evaluation-number",
                    "tdx.qe.identity",
                    "tdx.module.unknown",
                    "tdx.module.signer",
                    "tdx.module.attributes",
                    "tdx.tcb.no-match",
                    "tdx.tcb.revoked",
                    "tdx.log.format");

    private static final int HASH_BYTES = 32;
    private static final byte[] NO_LOG = {};

    private final TdxRoots roots;
    private final Tee tee;

    /**
     * @param roots what to believe
     * @param tee what accepted evidence comes from: TDX, or simulated under a test root
     */
    public TdxVerifier(TdxRoots roots, Tee tee) {
        this.roots = roots;
        this.tee = tee;
    }

    /** Judges a quote and the collateral for it at one moment. */
    public TdxVerdict verify(byte[] document, TdxCollateral collateral, Instant now) {
        return verify(document, collateral, NO_LOG, now);
    }

    /**
     * The same with an event log.
     *
     * @param eventLog as {@link CcEventLog} reads it; empty for none
     */
    public TdxVerdict verify(
            byte[] document, TdxCollateral collateral, byte[] eventLog, Instant now) {
        try {
            TdxQuote quote = TdxQuote.parse(document);
            var lists = RevocationLists.of(collateral.revocationLists(), now);
            PckChain chain = PckChain.verify(quote.certificates(), roots, lists, now);
            requireEnclaveReport(quote, chain);
            requireSignature(quote);
            List<TcbSigner> signers =
                    TcbSigner.among(collateral.certificates(), chain.root(), lists, now);
            var current = new CurrentCollateral(collateral, signers, roots, now);
            TcbAssessment tcb = assess(quote, chain.extension(), current);
            Map<String, String> values = TdxClaims.of(quote, chain.extension(), tcb, tee);
            if (eventLog.length > 0) {
                values.putAll(log(eventLog).claims(quote.report()));
            }
            return new TdxVerdict.Authentic(quote, tcb, claims(quote, chain, values));
        } catch (TdxFormatException e) {
            return new TdxVerdict.Refused("tdx.format", String.valueOf(e.getMessage()));
        } catch (TdxRefusal e) {
            return e.verdict();
        }
    }

    /** The platform's certified key signed the quoting enclave's report, which names its key. */
    private static void requireEnclaveReport(TdxQuote quote, PckChain chain) throws TdxRefusal {
        EnclaveReport report = quote.enclaveReport();
        PublicKey pck = chain.leaf().x509().getPublicKey();
        if (!EcKeys.verifies(pck, report.signedBytes(), quote.enclaveReportSignature())) {
            throw new TdxRefusal(
                    "tdx.qe.signature",
                    "the PCK certificate's key did not sign the quoting enclave's report");
        }
        Digest expected = Digest.sha256(quote.attestationKey(), quote.authenticationData());
        byte[] padded = Arrays.copyOf(expected.bytes(), 2 * HASH_BYTES);
        if (!Arrays.equals(report.reportData(), padded)) {
            throw new TdxRefusal(
                    "tdx.qe.binding", "the quoting enclave vouches for another attestation key");
        }
    }

    private static void requireSignature(TdxQuote quote) throws TdxRefusal {
        PublicKey key =
                EcKeys.at(quote.attestationKey())
                        .orElseThrow(() ->
                                new TdxRefusal("tdx.attestation-key", "expected a point of P-256"));
        if (!EcKeys.verifies(key, quote.signedBytes(), quote.signature())) {
            throw new TdxRefusal("tdx.signature", "the attestation key did not sign this quote");
        }
    }

    private static TcbAssessment assess(
            TdxQuote quote, PckExtension pck, CurrentCollateral collateral) throws TdxRefusal {
        TcbInfo tcbInfo = collateral.tcbInfo(pck);
        QeIdentity qeIdentity = collateral.qeIdentity();
        if (!qeIdentity.names(quote.enclaveReport())) {
            throw new TdxRefusal(
                    "tdx.qe.identity", "the quoting enclave is not the one Intel vouches for");
        }
        requireModule(quote.report(), tcbInfo);
        int qeSvn = quote.enclaveReport().isvSvn();
        return new TcbEvaluation(tcbInfo, qeIdentity, pck, qeSvn).of(quote.report());
    }

    private static void requireModule(TdReport report, TcbInfo tcbInfo) throws TdxRefusal {
        int version = report.teeTcbSvn().moduleVersion();
        ModuleIdentity module =
                tcbInfo.moduleOf(version)
                        .orElseThrow(() ->
                                new TdxRefusal(
                                        "tdx.module.unknown",
                                        "Intel names no TDX module of version " + version));
        if (!module.isSignerOf(report)) {
            throw new TdxRefusal("tdx.module.signer", "the TDX module is not signed by Intel");
        }
        if (!module.allowsAttributesOf(report)) {
            throw new TdxRefusal(
                    "tdx.module.attributes", "the TDX module runs with attributes: expected none");
        }
    }

    private static CcEventLog log(byte[] eventLog) throws TdxRefusal {
        try {
            return CcEventLog.parse(eventLog);
        } catch (TdxFormatException e) {
            throw new TdxRefusal("tdx.log.format", String.valueOf(e.getMessage()));
        }
    }

    private Claims claims(TdxQuote quote, PckChain chain, Map<String, String> values) {
        return new Claims(tee, chain.root().fingerprint(), quote.report().hostData(), values);
    }
}
