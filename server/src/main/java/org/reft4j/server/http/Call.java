package org.reft4j.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A request, as handlers see it. */
public interface Call {
    /** The request's id, which the reply repeats as {@code x-request-id}. */
    String id();

    Caller caller();

    /** A part of the path by its name in the API's document, decoded. */
    String path(String name);

    /** The first value of a query parameter, decoded. */
    Optional<String> query(String name);

    /** All query parameters with their values, decoded, such as {@code metadata[k]}. */
    Map<String, List<String>> query();

    Optional<String> header(String name);

    /** True if the client came by TLS, to here or to a proxy. */
    boolean secure();

    /**
     * The body as a JSON object, read once; an empty body is an empty object.
     *
     * @throws ApiError where it is something else, names line and column
     */
    ObjectNode body();

    /** The body as bytes, as they arrive. It fails with an {@link ApiError} where it is longer than the operation allows. */
    InputStream stream();
}
