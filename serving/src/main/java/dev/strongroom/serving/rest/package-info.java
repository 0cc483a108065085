/**
 * The Open Inference Protocol over HTTP and JSON, on the same path, by the same rules and limits as
 * over gRPC.
 */
@NullMarked
package dev.strongroom.serving.rest;

import org.jspecify.annotations.NullMarked;
