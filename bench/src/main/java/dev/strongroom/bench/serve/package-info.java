/** Serving beside a bare echo and beside ONNX Runtime in the same process. */
@NullMarked
package dev.strongroom.bench.serve;

import org.jspecify.annotations.NullMarked;
