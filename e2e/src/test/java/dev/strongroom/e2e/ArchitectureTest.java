package dev.strongroom.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md that the module system does not draw by itself. */
class ArchitectureTest {
    private static JavaClasses product;

    @BeforeAll
    static void importProduct() {
        product =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(location -> !location.contains("/proto/"))
                        .importPackages("dev.strongroom");
    }

    @Test
    void attestationStandsOnTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("dev.strongroom.attestation..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax..",
                        "org.w3c.dom..", // the JDK's own, in its module java.xml
                        "org.xml.sax..",
                        "dev.strongroom.attestation..",
                        "org.jspecify..")
                .check(product);
    }

    @Test
    void formatsAndKeysKnowNoTransportAndNoEngine() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.strongroom.attestation..", "dev.strongroom.crypto..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "com.google.protobuf..",
                        "io.vertx..",
                        "ai.onnxruntime..",
                        "dev.strongroom.proto..")
                .check(product);
    }

    @Test
    void custodyAndOpeningDoNotMeet() {
        noClasses()
                .that()
                .resideInAPackage("dev.strongroom.crypto.custody..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.strongroom.crypto.open..", "dev.strongroom.crypto.seal..")
                .check(product);
        noClasses()
                .that()
                .resideInAnyPackage("dev.strongroom.enclave..", "dev.strongroom.serving..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.strongroom.crypto.custody..")
                .check(product);
    }

    /** The module descriptors say so too; they would be changed in the same commit. */
    @Test
    void theAgentNeitherOpensNorKeepsVaultsKeys() {
        noClasses()
                .that()
                .resideInAPackage("dev.strongroom.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.strongroom.crypto.custody..",
                        "dev.strongroom.crypto.open..",
                        "dev.strongroom.crypto.seal..",
                        "dev.strongroom.vault..",
                        "dev.strongroom.enclave..",
                        "dev.strongroom.client..")
                .check(product);
    }

    @Test
    void nobodyButTheTestKitNamesASimulatedRoot() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.strongroom.attestation..", "dev.strongroom.testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.strongroom.attestation.simulated..")
                .check(product);
    }

    /** Whoever adds a name here says in review why one more method must see plaintext weights. */
    @Test
    void plaintextIsTouchedWhereItWasArguedFor() {
        List<String> touching =
                product.stream()
                        .flatMap(type -> type.getCodeUnits().stream())
                        .filter(unit -> unit.isAnnotatedWith(TouchesPlaintext.class))
                        .map(unit -> unit.getOwner().getSimpleName() + "." + unit.getName())
                        .sorted()
                        .toList();

        assertThat(touching)
                .containsExactly(
                        "CopyMark.put",
                        "LoadedModel.calibration",
                        "LoadedModel.companion",
                        "LoadedModel.fingerprintKey",
                        "LoadedModel.generation",
                        "LoadedModel.view",
                        "LoadedModel.writable",
                        "ModelOpener.open",
                        "ModelSession.give",
                        "ModelSession.open",
                        "Resealer.seal");
    }

    @Test
    void guavaArrivesThroughGrpcAndIsNotOurs() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.google.common..")
                .check(product);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl|Processor)(\\$.*)?")
                .check(product);
    }
}
