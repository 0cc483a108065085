/** Measurements that docs and issues quote; each by one command. */
@NullMarked
package dev.strongroom.bench;

import org.jspecify.annotations.NullMarked;
