/** ONNX Runtime over protected memory. */
@NullMarked
package dev.strongroom.serving.engine;

import org.jspecify.annotations.NullMarked;
