/** The vault: ciphertext, wrapped keys, policies and the audit tree. */
module dev.strongroom.vault {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires dev.strongroom.attestation;
    requires dev.strongroom.config;
    requires dev.strongroom.crypto;
    requires dev.strongroom.proto;
    requires io.grpc.netty.shaded;
    requires proto.google.common.protos; // google.rpc.ErrorInfo
    requires io.vertx.core;
    requires io.vertx.web;
    requires micrometer.core;
    requires micrometer.registry.prometheus;
    requires java.net.http; // witnesses are asked over HTTP
    requires java.sql;
    requires org.jdbi.v3.core;
    requires io.leangen.geantyref; // Jdbi needs it; an automatic module does not pull it in
    requires flyway.core;
    requires com.zaxxer.hikari;
    requires tools.jackson.databind;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
    requires org.slf4j;

    exports dev.strongroom.vault to
            dev.strongroom.sim;
}
