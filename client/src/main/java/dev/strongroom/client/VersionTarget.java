package dev.strongroom.client;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import java.io.IOException;

/** How somebody names one version of a model. */
public sealed interface VersionTarget {
    /** By the vault's number, which is the vault's word for which version it is. */
    record Numbered(long number) implements VersionTarget {
        public Numbered {
            if (number < 1) {
                throw new IllegalArgumentException("version: " + number + " (expected: from 1)");
            }
        }

        @Override
        public ModelCatalog.Version find(ModelCatalog catalog, ModelName model)
                throws ClientException, IOException {
            ModelCatalog.Version found = catalog.get(model, number);
            Checks.require(
                    found.number() == number,
                    "the vault answered with version " + found.number() + " for " + number,
                    "strongroom doctor");
            return found;
        }
    }

    /** By the id that its owner signed. */
    record Identified(VersionId id) implements VersionTarget {
        @Override
        public ModelCatalog.Version find(ModelCatalog catalog, ModelName model)
                throws ClientException, IOException {
            return catalog.get(model, id);
        }
    }

    /**
     * Reads a number or an id of 32 hex digits.
     *
     * @throws IllegalArgumentException when it is neither
     */
    static VersionTarget parse(String text) {
        return text.length() == 2 * VersionId.BYTES
                ? new Identified(new VersionId(text))
                : new Numbered(Long.parseLong(text));
    }

    /** The version, its manifest verified against the profile's owner. */
    ModelCatalog.Version find(ModelCatalog catalog, ModelName model)
            throws ClientException, IOException;
}
