package dev.strongroom.vault.access;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.custody.TokenState;
import io.grpc.netty.shaded.io.netty.handler.ssl.OpenSslAsyncPrivateKeyMethod;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import io.grpc.netty.shaded.io.netty.util.concurrent.ImmediateEventExecutor;
import io.grpc.netty.shaded.io.netty.util.concurrent.Promise;
import java.security.SignatureException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;

/**
 * Lets BoringSSL have its handshakes signed in the token, away from the thread that serves the
 * connections. Thread-safe.
 */
final class TokenTlsKey implements AutoCloseable {
    private static final int AT_ONCE = 4;
    private static final int WAITING = 256;

    private final KeyCustodian custodian;
    // A handshake is signed before anybody has shown a certificate, so strangers wait in a line of
    // their own, and a long line ends their handshakes, not the token's other work.
    private final ExecutorService signing =
            new ThreadPoolExecutor(
                    AT_ONCE,
                    AT_ONCE,
                    0,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING),
                    Thread.ofVirtual().factory());

    TokenTlsKey(KeyCustodian custodian) {
        this.custodian = custodian;
    }

    /** Has handshakes signed with one key: that of the certificate they show. */
    OpenSslAsyncPrivateKeyMethod with(TokenSigner key) {
        return new OpenSslAsyncPrivateKeyMethod() {
            @Override
            public Future<byte[]> sign(SSLEngine engine, int algorithm, byte[] handshake) {
                return algorithm == SSL_SIGN_ECDSA_SECP256R1_SHA256
                        ? signed(key, handshake)
                        : failed("the key is for P-256 only");
            }

            @Override
            public Future<byte[]> decrypt(SSLEngine engine, byte[] input) {
                return failed("TLS 1.3 decrypts nothing with the server's key");
            }
        };
    }

    private static Future<byte[]> failed(String why) {
        return ImmediateEventExecutor.INSTANCE.newFailedFuture(new SignatureException(why));
    }

    private Future<byte[]> signed(TokenSigner key, byte[] handshake) {
        Promise<byte[]> signature = ImmediateEventExecutor.INSTANCE.newPromise();
        try {
            signing.execute(() -> {
                try {
                    signature.trySuccess(sign(key, handshake));
                } catch (SignatureException | RuntimeException e) {
                    signature.tryFailure(e);
                }
            });
        } catch (RejectedExecutionException e) {
            signature.tryFailure(new SignatureException("too many handshakes at once", e));
        }
        return signature;
    }

    /** Nobody has seen anything of a signature that failed, so it is safe to make it again. */
    private byte[] sign(TokenSigner key, byte[] handshake) throws SignatureException {
        try {
            return key.sign(handshake);
        } catch (SignatureException e) {
            if (custodian.state() instanceof TokenState.Serving) {
                return key.sign(handshake);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        signing.shutdown();
    }
}
