package dev.strongroom.serving;

/** Where a node's log goes. To be called before the first logger is made. */
public final class NodeLog {
    private static final String PROPERTY = "logback.configurationFile";

    private NodeLog() {}

    /** Events to standard error, unless the operator has named a configuration. */
    public static void configure() {
        if (System.getProperty(PROPERTY) == null) {
            System.setProperty(PROPERTY, "strongroom-node-logback.xml");
        }
    }
}
