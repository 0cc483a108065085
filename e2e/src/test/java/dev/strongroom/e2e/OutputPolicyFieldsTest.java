package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaFieldAccess.AccessType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An owner who sets a field changes something: the node's code reaches each one. */
class OutputPolicyFieldsTest {
    private static final String POLICY = "dev.strongroom.crypto.output";
    private static final String NODE = "dev.strongroom.serving";

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(POLICY, NODE);

    @Test
    void theNodeReadsEveryFieldOfAPolicy() {
        Set<String> read = readByTheNode();
        List<String> unread = fields().filter(field -> !read.contains(field)).sorted().toList();
        assertThat(fields()).hasSizeGreaterThan(40);
        assertThat(unread).isEmpty();
    }

    private Stream<String> fields() {
        return classes.stream()
                .filter(type -> type.getPackageName().equals(POLICY) && type.isRecord())
                .flatMap(type -> Arrays.stream(type.reflect().getRecordComponents()))
                .map(field -> name(field.getDeclaringRecord().getName(), field.getName()));
    }

    /** What the node calls of the policy's methods, and what these call of each other. */
    private Set<String> readByTheNode() {
        var reached = new HashSet<String>();
        var open = new ArrayDeque<JavaCodeUnit>();
        for (JavaClass type : classes) {
            if (type.getPackageName().startsWith(NODE)) {
                open.addAll(type.getCodeUnits());
            }
        }
        while (!open.isEmpty()) {
            JavaCodeUnit from = open.remove();
            from.getFieldAccesses().stream()
                    .filter(access -> access.getAccessType() == AccessType.GET)
                    .map(access -> access.getTarget().getFullName())
                    .forEach(reached::add);
            for (JavaCodeUnit called : called(from)) {
                String name = name(called.getOwner().getName(), called.getName());
                if (isOfAPolicy(called) && reached.add(name)) {
                    open.add(called);
                }
            }
        }
        return reached;
    }

    /** Writing a policy down is no use of it. */
    private static boolean isOfAPolicy(JavaCodeUnit called) {
        return called.getOwner().getPackageName().equals(POLICY)
                && !called.getName().equals("canonical");
    }

    private static List<JavaCodeUnit> called(JavaCodeUnit from) {
        return Stream.concat(
                        from.getCallsFromSelf().stream()
                                .map(call -> call.getTarget().resolveMember()),
                        from.getCodeUnitReferencesFromSelf().stream()
                                .map(call -> call.getTarget().resolveMember()))
                .flatMap(Optional::stream)
                .map(JavaCodeUnit.class::cast)
                .toList();
    }

    private static String name(String owner, String member) {
        return owner + "." + member;
    }
}
