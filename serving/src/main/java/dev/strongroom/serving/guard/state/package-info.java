/** What a guard must not forget when its node restarts. */
@NullMarked
package dev.strongroom.serving.guard.state;

import org.jspecify.annotations.NullMarked;
