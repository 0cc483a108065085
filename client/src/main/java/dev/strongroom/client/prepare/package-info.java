/** From the owner's ONNX files to the files that are sealed, in a confined child process. */
@NullMarked
package dev.strongroom.client.prepare;

import org.jspecify.annotations.NullMarked;
