package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Speaks HTTP/2 frame by frame, as no client library would. */
final class RawPeer implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int ACK = 1;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final char[] NONE = new char[0];

    private final SSLSocket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

    record Frame(int type, int flags, int stream, byte[] payload) {
        /** Of a GOAWAY. */
        int errorCode() {
            return ByteBuffer.wrap(payload).getInt(4);
        }
    }

    private RawPeer(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    /** Has shaken hands and said that it speaks HTTP/2. */
    static RawPeer connect(int port, TestAuthority authority, Issued identity)
            throws IOException, GeneralSecurityException {
        var socket = (SSLSocket) context(authority, identity).getSocketFactory().createSocket();
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        parameters.setProtocols(new String[] {"TLSv1.3"});
        socket.setSSLParameters(parameters);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(30_000);
        socket.startHandshake();
        var peer = new RawPeer(socket);
        peer.out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        peer.send(SETTINGS, 0, 0, new byte[0]);
        peer.flush();
        return peer;
    }

    private static SSLContext context(TestAuthority authority, Issued identity)
            throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NONE);
        store.setCertificateEntry("ca", authority.certificate());
        store.setKeyEntry(
                "me", identity.key(), NONE, identity.chain().toArray(X509Certificate[]::new));
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NONE);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    void send(int type, int flags, int stream, byte[] payload) throws IOException {
        out.writeByte(payload.length >> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Begins a call. */
    void call(int stream, String path) throws IOException, Http2Exception {
        Http2Headers headers =
                new DefaultHttp2Headers()
                        .method("POST")
                        .scheme("https")
                        .path("/" + path)
                        .authority("localhost")
                        .add("content-type", "application/grpc")
                        .add("te", "trailers");
        var block = Unpooled.buffer();
        encoder.encodeHeaders(stream, headers, block);
        send(HEADERS, END_HEADERS, stream, ByteBufUtil.getBytes(block));
    }

    /** The beginning of a message of a length that is said and not kept. */
    void begin(int stream, int length, int sent) throws IOException {
        send(DATA, 0, stream, ByteBuffer.allocate(5 + sent).put((byte) 0).putInt(length).array());
    }

    Frame read() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(type, flags, stream, payload);
    }

    /** Waits until the server has heard all that was sent: it answers a ping behind that. */
    void awaitHeard() throws IOException {
        send(PING, 0, 0, new byte[8]);
        flush();
        Frame answer;
        do {
            answer = read(PING);
        } while ((answer.flags() & ACK) == 0);
    }

    /** Reads on until the connection has ended, answering nothing. */
    void awaitEnd() {
        try {
            while (true) {
                read();
            }
        } catch (IOException ended) {
            assertThat(ended).isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    /** The next one of a type, on whatever stream. */
    Frame read(int type) throws IOException {
        Frame frame;
        do {
            frame = read();
        } while (frame.type() != type);
        return frame;
    }

    /** How the next call ends that is ended. */
    Http2Headers readEnd() throws IOException, Http2Exception {
        while (true) {
            Frame frame = read(HEADERS);
            Http2Headers headers =
                    decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()));
            if ((frame.flags() & END_STREAM) != 0) {
                return headers;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
