package dev.strongroom.attestation;

/**
 * A verdict with the account of how it came about.
 *
 * @param verdict what may be acted on
 * @param result what is shown and recorded
 */
public record Appraised<K>(Verdict<K> verdict, AppraisalResult result) {}
