package org.reft4j.verify.documents;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Comments of configuration records in the sources, read with the compiler's own parser since class files have no comments. */
final class SourceComments {
    private final Map<String, String> summaries = new HashMap<>();
    private final Map<String, String> meanings = new HashMap<>();
    private final Map<String, String> expectations = new HashMap<>();

    private SourceComments() {}

    static SourceComments of(List<Path> sources) throws IOException {
        SourceComments comments = new SourceComments();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources));
            DocTrees documentation = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                comments.new Reader(documentation).scan(unit, null);
            }
        }
        return comments;
    }

    /** The first sentence about a type, without its full stop; empty if there is none. */
    String summary(Class<?> type) {
        return summaries.getOrDefault(name(type), "");
    }

    /** The comment on a component, from the record or from an interface's accessor; {@code null} if there is none. */
    @Nullable
    String meaning(Class<?> type, String component) {
        return meanings.get(name(type) + "." + component);
    }

    /** The name of a type with those around it, such as {@code ModelSource.NewModel}. */
    private static String name(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }

    /** The expectation in the error message of a key's check; {@code null} if it is not checked. */
    @Nullable
    String expectation(String key) {
        return expectations.get(key);
    }

    private final class Reader extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final DocTrees documentation;
        private String type = "";
        /** True in a class that is no record and no interface: its checks are of data, not of a key's value. */
        private boolean code;

        Reader(DocTrees documentation) {
            this.documentation = documentation;
        }

        @Override
        public @Nullable Void visitClass(ClassTree tree, @Nullable Void unused) {
            String outer = type;
            boolean outside = code;
            code = tree.getKind() == Tree.Kind.CLASS;
            type = outer.isEmpty() ? tree.getSimpleName().toString() : outer + "." + tree.getSimpleName();
            DocCommentTree comment = documentation.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                summaries.put(type, withoutStop(text(comment.getFirstSentence())));
                for (DocTree tag : comment.getBlockTags()) {
                    if (tag instanceof ParamTree parameter) {
                        meanings.put(type + "." + parameter.getName(), text(parameter.getDescription()));
                    }
                }
            }
            super.visitClass(tree, null);
            type = outer;
            code = outside;
            return null;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
            DocCommentTree comment = documentation.getDocCommentTree(getCurrentPath());
            if (comment != null && tree.getParameters().isEmpty()) {
                meanings.putIfAbsent(type + "." + tree.getName(), withoutStop(text(comment.getFullBody())));
            }
            return super.visitMethod(tree, null);
        }

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree tree, @Nullable Void unused) {
            List<? extends ExpressionTree> arguments = tree.getArguments();
            if (!code && tree.getMethodSelect().toString().equals("ConfigException.check") && arguments.size() == 4) {
                String expected = words(arguments.get(3))
                        .replaceAll(" \\([^()]*…[^()]*\\)", "")
                        .replace("… ", "");
                expectations.putIfAbsent(words(arguments.get(1)), expected);
            }
            return super.visitMethodInvocation(tree, null);
        }
    }

    /** The constant parts of a message; an ellipsis for the others. */
    private static String words(ExpressionTree expression) {
        if (expression instanceof BinaryTree sum) {
            return words(sum.getLeftOperand()) + words(sum.getRightOperand());
        }
        return expression instanceof com.sun.source.tree.LiteralTree literal ? String.valueOf(literal.getValue()) : "…";
    }

    private static String text(List<? extends DocTree> parts) {
        return parts.stream()
                .map(part -> switch (part) {
                    case TextTree text -> text.getBody();
                    case LiteralTree code -> "`" + code.getBody() + "`";
                    case LinkTree link -> "`" + link.getReference() + "`";
                    default -> part.toString();
                })
                .collect(Collectors.joining())
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String withoutStop(String sentence) {
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }
}
