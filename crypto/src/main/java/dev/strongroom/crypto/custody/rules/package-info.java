/**
 * What every custodian holds itself to, whatever keeps its keys: how keys are called, whom a data
 * key is released to, which records count. Not exported.
 */
@NullMarked
package dev.strongroom.crypto.custody.rules;

import org.jspecify.annotations.NullMarked;
