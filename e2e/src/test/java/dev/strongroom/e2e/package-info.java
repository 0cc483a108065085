/** The whole, from outside: built processes, real files, real sockets. */
@NullMarked
package dev.strongroom.e2e;

import org.jspecify.annotations.NullMarked;
