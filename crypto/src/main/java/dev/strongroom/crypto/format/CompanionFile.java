package dev.strongroom.crypto.format;

import java.util.Arrays;
import java.util.Optional;

/**
 * Files of a sealed version that are not the model's, but what a node needs beside it. They are
 * sealed like the others, so that the vault can neither read nor replace one; their names are
 * reserved.
 */
public enum CompanionFile {
    /** The key from which every recipient's mark in the weights derives: 32 bytes. */
    FINGERPRINT("strongroom.fingerprint"),

    /** What the model's honest queries look like, for the detector of the guard. */
    CALIBRATION("strongroom.calibration"),

    /** How a decoder generates: {@link GenerationSettings}. */
    GENERATION("strongroom.generation");

    private static final String RESERVED = "strongroom.";

    private final String fileName;

    CompanionFile(String fileName) {
        this.fileName = fileName;
    }

    public String fileName() {
        return fileName;
    }

    /** Whether no file of a model may have this name. */
    public static boolean isReserved(String name) {
        return name.startsWith(RESERVED);
    }

    /** The companion of this name, if there is one. */
    public static Optional<CompanionFile> named(String name) {
        return Arrays.stream(values()).filter(each -> each.fileName.equals(name)).findFirst();
    }
}
