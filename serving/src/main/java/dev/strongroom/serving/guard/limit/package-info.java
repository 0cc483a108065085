/** Counts rows: rates, budgets, caps, and what is remembered of every caller. */
@NullMarked
package dev.strongroom.serving.guard.limit;

import org.jspecify.annotations.NullMarked;
