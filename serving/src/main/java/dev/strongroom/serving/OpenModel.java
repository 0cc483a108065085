package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.guard.detect.Calibration;
import java.util.Optional;

/**
 * An opened version and the session over it, which is closed first.
 *
 * @param loaded in protected memory
 * @param engine over it
 * @param mark commitment to the mark in these weights, if they have one
 * @param calibration what the detector knows of honest queries, if the version has it
 * @param generation how it generates, if it does
 * @param guardKey of what guards of the version remember
 */
record OpenModel(
        LoadedModel loaded,
        Engine engine,
        Optional<Digest> mark,
        Optional<Calibration> calibration,
        GenerationSettings generation,
        byte[] guardKey) {}
