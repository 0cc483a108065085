package dev.strongroom.witness;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.transparency.AddCheckpoint;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** A log with its key in memory, and a way to grow two histories from one beginning. */
final class TestLog {
    private final String origin;
    private final KeyPair keys;
    private final MerkleTree tree;

    private TestLog(String origin, KeyPair keys, MerkleTree tree) {
        this.origin = origin;
        this.keys = keys;
        this.tree = tree;
    }

    static TestLog named(String origin) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return new TestLog(origin, generator.generateKeyPair(), new MerkleTree());
    }

    /** The same key over a tree of its own. */
    TestLog twin() {
        return new TestLog(origin, keys, new MerkleTree());
    }

    /** The same tree under the key that comes after this one's. */
    TestLog successor() throws GeneralSecurityException {
        return new TestLog(origin, named(origin).keys, tree);
    }

    NoteKey key() {
        return new NoteKey(origin, keys.getPublic());
    }

    TestLog grow(String... leaves) {
        for (String leaf : leaves) {
            tree.append(MerkleTree.leafHash(leaf.getBytes(StandardCharsets.UTF_8)));
        }
        return this;
    }

    long size() {
        return tree.size();
    }

    SignedCheckpoint checkpoint() throws GeneralSecurityException {
        return SignedCheckpoint.sign(
                new Checkpoint(origin, tree.size(), tree.root()), P256.signer(keys));
    }

    /** Asks for the present state, with an honest proof from the old size. */
    byte[] request(long oldSize) throws GeneralSecurityException {
        return new AddCheckpoint(oldSize, tree.consistency(oldSize, tree.size()), checkpoint())
                .encode();
    }
}
