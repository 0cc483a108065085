package dev.strongroom.crypto.output;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A range of network addresses.
 *
 * @param network its first address; the bits after the prefix are zero
 * @param prefix bits that count
 */
public record Cidr(InetAddress network, int prefix) {
    private static final String IPV4 = "(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}";
    private static final String IPV6 = "[0-9a-f:]{2,39}";

    /** Reads {@code 10.0.0.0/8} or {@code fd00::/8}; no names, no resolver. */
    static Cidr parse(String text) throws OutputFormatException {
        String[] parts = text.split("/", -1);
        if (parts.length != 2
                || !(parts[0].matches(IPV4) || parts[0].matches(IPV6))
                || !parts[1].matches("0|[1-9][0-9]{0,2}")) {
            throw malformed();
        }
        InetAddress network;
        try {
            network = InetAddress.ofLiteral(parts[0]);
        } catch (IllegalArgumentException e) {
            throw malformed();
        }
        int prefix = Integer.parseInt(parts[1]);
        if (prefix > Byte.SIZE * network.getAddress().length || !endsInZeros(network, prefix)) {
            throw malformed();
        }
        return new Cidr(network, prefix);
    }

    private static OutputFormatException malformed() {
        return new OutputFormatException(
                "address range: expected ADDRESS/BITS with zeros after these bits");
    }

    private static boolean endsInZeros(InetAddress network, int prefix) {
        byte[] address = network.getAddress();
        for (int bit = prefix; bit < Byte.SIZE * address.length; bit++) {
            if (bit(address, bit)) {
                return false;
            }
        }
        return true;
    }

    /** True when the address is in the range; an IPv4 address is in no IPv6 range. */
    public boolean contains(InetAddress address) {
        byte[] own = network.getAddress();
        byte[] other = address.getAddress();
        if (own.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            if (bit(own, bit) != bit(other, bit)) {
                return false;
            }
        }
        return true;
    }

    private static boolean bit(byte[] address, int bit) {
        return (address[bit / Byte.SIZE] << (bit % Byte.SIZE) & 0x80) != 0;
    }

    String canonical() {
        String text = network.getHostAddress();
        return Spelling.quoted(
                (network instanceof Inet4Address ? text : text.split("%", 2)[0]) + "/" + prefix);
    }
}
