package dev.strongroom.serving;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.serving.engine.Engine;

/**
 * An opened version and the session over it, which is closed first.
 *
 * @param loaded in protected memory
 * @param engine over it
 * @param guardKey of what guards of the version remember
 */
record OpenModel(LoadedModel loaded, Engine engine, byte[] guardKey) {}
