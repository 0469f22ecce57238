package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;

/** The sessions of clients and the samplers in them. They live as long as the server, and those that are silent for long are ended. */
final class Sessions {
    private static final Duration SILENCE = Duration.ofMinutes(30);
    /** Passing weights of a session that are kept. */
    static final int SNAPSHOTS = 32;
    /** Learners of a project in memory. */
    private static final int LEARNERS = 32;

    private final Map<String, Session> sessions = new LinkedHashMap<>();
    /** The one that was named longest ago first. */
    private final Map<String, Sampler> samplers = new LinkedHashMap<>();

    private final Map<String, Integer> flights = new HashMap<>();
    private final Map<String, Integer> clients = new HashMap<>();

    /** A session of a client. */
    static final class Session {
        private final String id;
        private final String project;
        private final @Nullable JsonNode metadata;
        private final @Nullable String name;
        private final List<Run> runs = new ArrayList<>();
        private long heardNanos = System.nanoTime();

        private Session(String id, String project, @Nullable JsonNode metadata, @Nullable String name) {
            this.id = id;
            this.project = project;
            this.metadata = metadata;
            this.name = name;
        }

        String id() {
            return id;
        }

        @Nullable
        JsonNode metadata() {
            return metadata;
        }

        @Nullable
        String name() {
            return name;
        }
    }

    /**
     * A model to sample from.
     *
     * @param base name of the base model
     * @param path {@code tinker://…}, or {@code null} for the base itself
     * @param place folder, or name on the hub, that the engine samples from
     * @param passing a folder that goes with the sampler, or {@code null}
     */
    record Sampler(
            String id,
            String project,
            String session,
            String base,
            @Nullable String path,
            String place,
            @Nullable Path passing) {}

    synchronized Session open(Call call, @Nullable JsonNode metadata, @Nullable String name) {
        Session session = new Session(Secrets.id("ses-"), call.caller().project(), metadata, name);
        sessions.put(session.id, session);
        return session;
    }

    /** @throws ApiError 404 if there is none, or it belongs to somebody else */
    synchronized Session find(Call call, String id) {
        Session session = sessions.get(id);
        if (session == null || !session.project.equals(call.caller().project())) {
            throw ApiError.missing(
                    "session_id",
                    "session_not_found",
                    "There is no session " + id + "; sessions end with the server, so make a new ServiceClient.");
        }
        session.heardNanos = System.nanoTime();
        return session;
    }

    synchronized List<String> list(Call call) {
        return sessions.values().stream()
                .filter(each -> each.project.equals(call.caller().project()))
                .map(Session::id)
                .toList();
    }

    synchronized void add(Session session, Run run) {
        session.runs.add(run);
    }

    synchronized List<String> runs(Session session) {
        return session.runs.stream().map(Run::id).toList();
    }

    synchronized List<String> samplers(Session session) {
        return samplers.values().stream()
                .filter(each -> each.session().equals(session.id))
                .map(Sampler::id)
                .toList();
    }

    /** @throws ApiError if the project has as many learners as it may */
    synchronized void requireRoom(Call call) {
        long learners = sessions.values().stream()
                .filter(each -> each.project.equals(call.caller().project()))
                .mapToLong(each -> each.runs.size())
                .sum();
        if (learners >= LEARNERS) {
            throw ApiError.invalid(
                    "session_id",
                    "This project has " + LEARNERS
                            + " learners in memory, the most that it may have; close a ServiceClient, which ends its own.");
        }
    }

    /**
     * Makes a sampler; one that is there under the same id stays as it is.
     *
     * @param gone told of samplers with passing weights that make room: those of the session that were named longest ago
     */
    synchronized Sampler sampler(Sampler sampler, Consumer<Sampler> gone) {
        Sampler known = samplers.putIfAbsent(sampler.id(), sampler);
        List<Sampler> passing = samplers.values().stream()
                .filter(each -> each.passing() != null && each.session().equals(sampler.session()))
                .toList();
        passing.stream()
                .filter(each -> !flights.containsKey(each.id()) && !each.id().equals(sampler.id()))
                .limit(Math.max(0, passing.size() - SNAPSHOTS))
                .forEach(each -> {
                    remove(each);
                    gone.accept(each);
                });
        return known == null ? sampler : known;
    }

    private void remove(Sampler sampler) {
        samplers.remove(sampler.id());
        clients.remove(sampler.id());
    }

    /** The number of a further client of a sampler. */
    synchronized int join(Sampler sampler) {
        return clients.merge(sampler.id(), 1, Integer::sum);
    }

    /** Keeps a sampler until {@link #landed}. */
    synchronized void flies(Sampler sampler) {
        flights.merge(sampler.id(), 1, Integer::sum);
    }

    synchronized void landed(Sampler sampler) {
        flights.computeIfPresent(sampler.id(), (_, count) -> count == 1 ? null : count - 1);
    }

    /** @throws ApiError 404 if there is none, or it belongs to somebody else */
    synchronized Sampler sampler(Call call, String id) {
        Sampler sampler = samplers.get(id);
        if (sampler == null || !sampler.project().equals(call.caller().project())) {
            throw ApiError.missing(
                    "sampling_session_id",
                    "sampler_not_found",
                    "There is no sampler " + id
                            + "; samplers end with their session, and of those without a name the last " + SNAPSHOTS
                            + " that were used are kept, so make a new SamplingClient.");
        }
        samplers.remove(id);
        samplers.put(id, sampler);
        Session session = sessions.get(sampler.session());
        if (session != null) {
            session.heardNanos = System.nanoTime();
        }
        return sampler;
    }

    /** Ends a session; its learners and samplers are told to the caller. */
    synchronized void end(Session session, Consumer<Run> runs, Consumer<Sampler> gone) {
        sessions.remove(session.id);
        session.runs.forEach(runs);
        List<Sampler> own = samplers.values().stream()
                .filter(each -> each.session().equals(session.id))
                .toList();
        own.forEach(sampler -> {
            remove(sampler);
            gone.accept(sampler);
        });
    }

    /** Sessions that have been silent for half an hour. */
    synchronized List<Session> silent() {
        long now = System.nanoTime();
        return sessions.values().stream()
                .filter(each -> now - each.heardNanos > SILENCE.toNanos())
                .toList();
    }
}
