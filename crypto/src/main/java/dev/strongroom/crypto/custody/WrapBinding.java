package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;

/**
 * What a wrapped data key belongs to. The wrap itself has no associated data, so the record's
 * authentication carries this binding.
 *
 * @param model tenant and name
 * @param versionId the random id of the version
 * @param ownerId SHA-256 of the owner root's SubjectPublicKeyInfo
 * @param manifestDigest which manifest, down to its seal
 */
public record WrapBinding(
        ModelName model, VersionId versionId, Digest ownerId, Digest manifestDigest) {}
