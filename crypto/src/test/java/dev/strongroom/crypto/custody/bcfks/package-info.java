@NullMarked
package dev.strongroom.crypto.custody.bcfks;

import org.jspecify.annotations.NullMarked;
