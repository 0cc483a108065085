/**
 * The part of CBOR (RFC 8949) that attestation formats use: integers, strings, arrays, maps, tags,
 * booleans and null. Read strictly and within limits; floating point and everything else is
 * refused. Not exported: each format has an exception of its own.
 */
@NullMarked
package dev.strongroom.attestation.cbor;

import org.jspecify.annotations.NullMarked;
