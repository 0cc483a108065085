package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.Threshold;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.transport.Transport;

/**
 * What Vert.x does its input and output by: the JDK's, where each connection that comes in is
 * counted before TLS begins on it.
 */
record CountedTransport(Threshold threshold) implements io.vertx.core.transport.Transport {
    private static final Transport JDK = NIO.implementation();

    @Override
    public String name() {
        return NIO.name();
    }

    @Override
    public boolean available() {
        return NIO.available();
    }

    @Override
    public Throwable unavailabilityCause() {
        return NIO.unavailabilityCause();
    }

    @Override
    public Transport implementation() {
        return new Counted(threshold);
    }

    private record Counted(Threshold threshold) implements Transport {
        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return domainSocket
                    ? JDK.serverChannelFactory(true)
                    : () -> new CountedServerChannel(threshold);
        }

        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return JDK.ioHandlerFactory();
        }

        @Override
        public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
            return JDK.channelFactory(domainSocket);
        }

        @Override
        public DatagramChannel datagramChannel() {
            return JDK.datagramChannel();
        }

        // Vert.x asks for it by a type that Netty deprecates.
        @SuppressWarnings("deprecation")
        @Override
        public DatagramChannel datagramChannel(InternetProtocolFamily family) {
            return JDK.datagramChannel(family);
        }

        @Override
        public java.net.SocketAddress convert(SocketAddress address) {
            return JDK.convert(address);
        }

        @Override
        public SocketAddress convert(java.net.SocketAddress address) {
            return JDK.convert(address);
        }
    }
}
