package dev.strongroom.client;

/** Element types of the Open Inference Protocol, by their names there. */
public enum DataType {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    FP32(4),
    FP64(8),
    /** Byte strings of any length. */
    BYTES(0);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element, 0 for {@link #BYTES}. */
    public int bytes() {
        return bytes;
    }

    /**
     * @throws ClientException when a node names a type that the protocol does not have
     */
    static DataType ofName(String name) throws ClientException {
        for (DataType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw ClientException.local(
                "unknown data type " + name.replaceAll("[^A-Za-z0-9]", "?"),
                "use a client of the node's version");
    }
}
