/** What measurements need of this package beyond what it shows to others. */
@NullMarked
package dev.strongroom.serving.infer;

import org.jspecify.annotations.NullMarked;
