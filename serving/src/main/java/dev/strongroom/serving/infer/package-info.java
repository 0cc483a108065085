/** One inference from request to answer, whatever transport it came over. */
@NullMarked
package dev.strongroom.serving.infer;

import org.jspecify.annotations.NullMarked;
