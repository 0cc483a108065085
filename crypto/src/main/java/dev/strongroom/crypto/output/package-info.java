/** What an owner lets nodes give out, to whom and how much: the body of output policies. */
@NullMarked
package dev.strongroom.crypto.output;

import org.jspecify.annotations.NullMarked;
