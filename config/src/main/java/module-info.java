/** Configuration files, read strictly. */
module dev.strongroom.config {
    requires static org.jspecify;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;

    exports dev.strongroom.config;
}
