/** What every service needs before it is one. */
module dev.strongroom.config {
    requires static org.jspecify;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;

    exports dev.strongroom.config;
}
