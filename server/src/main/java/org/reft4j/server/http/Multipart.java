package org.reft4j.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartCompliance;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/** A form with a file, read as it arrives: the file's bytes go where they are to be, texts stay in memory, in whatever order they come. */
public final class Multipart {
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_TEXT = 1 << 16;
    private static final int MOST_PARTS = 64;

    private final String fileField;
    private final Target target;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private @Nullable String filename;
    private boolean hasFile;

    private Multipart(String fileField, Target target) {
        this.fileField = fileField;
        this.target = target;
    }

    /** Takes the bytes of the file. */
    @FunctionalInterface
    public interface Target {
        void write(byte[] bytes, int length) throws IOException;
    }

    /**
     * Reads a form to its end.
     *
     * @param fileField name of the part that is the file; every other is a text
     * @throws ApiError if the body is no such form
     */
    public static Multipart read(Call call, String fileField, Target target) throws IOException {
        String type = call.header("Content-Type").orElse("");
        String boundary = type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
                ? MultiPart.extractBoundary(type)
                : null;
        if (boundary == null || boundary.isEmpty()) {
            throw new ApiError(
                    415,
                    "invalid_request_error",
                    null,
                    null,
                    "The body must be multipart/form-data with the parts " + fileField + " and others, not "
                            + (type.isEmpty() ? "without a content type" : type) + ".");
        }
        Multipart form = new Multipart(fileField, target);
        Parts parts = form.new Parts();
        MultiPart.Parser parser = new MultiPart.Parser(boundary, MultiPartCompliance.RFC7578, parts);
        parser.setMaxParts(MOST_PARTS);
        InputStream in = call.stream();
        try {
            byte[] buffer = new byte[BUFFER];
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                parser.parse(Content.Chunk.from(ByteBuffer.wrap(buffer, 0, got), false));
                parts.check();
            }
            parser.parse(Content.Chunk.EOF);
            parts.check();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (!parts.complete) {
            throw malformed("it ends before its last boundary");
        }
        return form;
    }

    /** The text parts by name. */
    public Map<String, String> texts() {
        return texts;
    }

    /** True if the file was among the parts. */
    public boolean hasFile() {
        return hasFile;
    }

    /** The file's name as the client told it; null if it did not. */
    public @Nullable String filename() {
        return filename;
    }

    private static ApiError malformed(String why) {
        return ApiError.invalid(null, "The multipart body is malformed: " + why + ".");
    }

    /** One part after another. */
    private final class Parts implements MultiPart.Parser.Listener {
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private String name = "";
        private @Nullable String given;
        private boolean complete;
        private @Nullable Throwable failure;

        @Override
        public void onPartBegin() {
            text.reset();
            name = "";
            given = null;
        }

        @Override
        public void onPartHeader(String header, String value) {
            if (header.equalsIgnoreCase("Content-Disposition")) {
                name = Disposition.parameter(value, "name");
                String plain = Disposition.parameter(value, "filename");
                String extended = Disposition.parameter(value, "filename*");
                String told = extended.isEmpty() ? plain : Disposition.extended(extended);
                given = told.isEmpty() ? null : told;
            }
        }

        @Override
        public void onPartHeaders() {
            if (name.indexOf('\0') >= 0 || (given != null && given.indexOf('\0') >= 0)) {
                fail(malformed("a name in it has a NUL character"));
            }
            if (name.equals(fileField)) {
                if (hasFile) {
                    fail(ApiError.invalid(
                            fileField, "The part " + fileField + " is given twice; send one file a request."));
                }
                hasFile = true;
                filename = given;
            }
        }

        @Override
        public void onPartContent(Content.Chunk chunk) {
            byte[] bytes = new byte[chunk.remaining()];
            chunk.get(bytes, 0, bytes.length);
            if (failure != null) {
                return;
            }
            if (name.equals(fileField)) {
                try {
                    target.write(bytes, bytes.length);
                } catch (IOException e) {
                    fail(new UncheckedIOException(e));
                } catch (ApiError e) {
                    fail(e);
                }
            } else if (text.size() + bytes.length > LONGEST_TEXT) {
                fail(ApiError.invalid(name, "The part " + name + " is longer than " + LONGEST_TEXT + " bytes."));
            } else {
                text.writeBytes(bytes);
            }
        }

        @Override
        public void onPartEnd() {
            String value = text.toString(StandardCharsets.UTF_8);
            if (value.indexOf('\0') >= 0) {
                fail(ApiError.invalid(name, "The part " + name + " has a NUL character."));
            }
            if (!name.equals(fileField)) {
                texts.put(name, value);
            }
        }

        @Override
        public void onComplete() {
            complete = true;
        }

        @Override
        public void onFailure(Throwable cause) {
            fail(cause);
        }

        /** The parser swallows what its listener throws, so a failure waits until the parser is through with a buffer. */
        private void fail(Throwable cause) {
            if (failure == null) {
                failure = cause;
            }
        }

        void check() {
            switch (failure) {
                case null -> {}
                case ApiError error -> throw error;
                case UncheckedIOException io -> throw io;
                case Throwable other -> throw malformed(String.valueOf(other.getMessage()));
            }
        }
    }
}
