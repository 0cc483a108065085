package dev.strongroom.e2e;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one {@link Deployment#serving()} that all of them share, made for the first that
 * asks and closed after the last test of the run. Such tests leave its vault, node and models as
 * they found them; what they add has names of its own.
 */
final class SharedDeployment implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Deployment.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // Surefire executes class after class; only its session lasts for all of this process.
        return context.getStore(
                        ExtensionContext.StoreScope.LAUNCHER_SESSION,
                        ExtensionContext.Namespace.create(SharedDeployment.class))
                .getOrComputeIfAbsent(Deployment.class, _ -> made(), Deployment.class);
    }

    private static Deployment made() {
        try {
            return Deployment.serving();
        } catch (Exception e) {
            throw new ParameterResolutionException("the shared deployment did not start", e);
        }
    }
}
