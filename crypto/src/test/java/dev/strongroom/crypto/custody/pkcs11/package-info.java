@NullMarked
package dev.strongroom.crypto.custody.pkcs11;

import org.jspecify.annotations.NullMarked;
