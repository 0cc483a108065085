/** The Open Inference Protocol and the node's evidence over gRPC. */
@NullMarked
package dev.strongroom.serving.rpc;

import org.jspecify.annotations.NullMarked;
