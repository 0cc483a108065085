package dev.strongroom.serving.infer;

import java.util.List;
import java.util.Optional;

/**
 * What there is for callers of one tenant. Of other tenants' models they are told what they are
 * told of models that do not exist, whether those are in memory, away or wanted in another version.
 *
 * @param all the node's
 * @param tenant of the callers
 */
record OfTenant(ServedModels all, String tenant) implements ServedModels {
    private boolean isOwn(String name) {
        return name.length() > tenant.length()
                && name.charAt(tenant.length()) == '/'
                && name.startsWith(tenant);
    }

    @Override
    public Optional<Hold> hold(String name, String version) {
        return isOwn(name) ? all.hold(name, version) : Optional.empty();
    }

    @Override
    public Hold requireFor(Caller caller, String name, String version) throws RefusedException {
        if (!isOwn(name)) {
            throw NotServed.refusal(this, name, version);
        }
        return all.requireFor(caller, name, version);
    }

    @Override
    public boolean away(String name) {
        return isOwn(name) && all.away(name);
    }

    @Override
    public List<ServedModel> inForce() {
        return own(all.inForce());
    }

    @Override
    public List<ServedModel> open() {
        return own(all.open());
    }

    private List<ServedModel> own(List<ServedModel> models) {
        return models.stream().filter(model -> isOwn(model.name())).toList();
    }
}
