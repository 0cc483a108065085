package dev.strongroom.ops;

import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.v1.MeasureSubject;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whom an order to the guard is about. */
final class GuardSubject {
    @Parameters(
            paramLabel = "CALLER",
            description = "TENANT/ROLE/NAME; with --group the name of a group.")
    private String name;

    @Option(
            names = "--on",
            required = true,
            paramLabel = "MODEL",
            converter = VersionName.ModelConverter.class,
            description = "TENANT/MODEL.")
    private ModelName model;

    @Option(names = "--group", description = "All callers of this group: identity create --group.")
    private boolean group;

    MeasureSubject message() {
        return MeasureSubject.newBuilder()
                .setModel(model.toString())
                .setWhose((group ? Whose.GROUP : Whose.PRINCIPAL).label())
                .setName(name)
                .build();
    }

    /** What an order about it answers with, first of all. */
    static Answer.Fields answer(MeasureSubject subject) {
        return Answer.with("model", subject.getModel())
                .with("whose", subject.getWhose())
                .with("name", subject.getName());
    }
}
