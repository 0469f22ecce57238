package org.reft4j.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Secrets;

/** Notes of which projects checkpoints are shared with. */
public final class CheckpointPermissions {
    private final Jdbi jdbi;

    public CheckpointPermissions(Database database) {
        this.jdbi = database.jdbi();
    }

    /** @param granted the project that may use the checkpoint */
    public record Permission(String id, String granted, long createdMs) {
        static Permission read(ResultSet row, StatementContext context) throws SQLException {
            return new Permission(row.getString("id"), row.getString("granted_project"), row.getLong("created_ms"));
        }
    }

    /** Adds one for each project. */
    public List<Permission> add(String project, String model, List<String> granted) {
        long now = System.currentTimeMillis();
        List<Permission> made = granted.stream()
                .map(each -> new Permission(Secrets.id("cp_"), each, now))
                .toList();
        jdbi.useTransaction(handle -> made.forEach(each -> handle.execute(
                "INSERT INTO checkpoint_permissions (id, model, project, granted_project, created_ms) VALUES (?, ?, ?, ?, ?)",
                each.id(),
                model,
                project,
                each.granted(),
                each.createdMs())));
        return made;
    }

    /** One of a checkpoint. */
    public Optional<Permission> find(String project, String model, String id) {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT * FROM checkpoint_permissions WHERE id = :id AND"
                        + " project = :project AND model = :model")
                .bind("id", id)
                .bind("project", project)
                .bind("model", model)
                .map(Permission::read)
                .findOne());
    }

    /**
     * Those of a checkpoint.
     *
     * @param granted only those for this project; {@code null} for all
     * @param after the last one of the page before; {@code null} for the first page
     */
    public Page<Permission> list(
            String project,
            String model,
            @Nullable String granted,
            @Nullable Permission after,
            int limit,
            boolean oldestFirst) {
        String order = oldestFirst ? "ASC" : "DESC";
        String sql = "SELECT * FROM checkpoint_permissions WHERE project = :project AND model = :model"
                + (granted == null ? "" : " AND granted_project = :granted")
                + (after == null ? "" : " AND (created_ms, id) " + (oldestFirst ? ">" : "<") + " (:created, :after)")
                + " ORDER BY created_ms " + order + ", id " + order + " LIMIT :limit";
        return jdbi.withHandle(handle -> {
            Query query = handle.createQuery(sql)
                    .bind("project", project)
                    .bind("model", model)
                    .bind("limit", limit + 1);
            if (granted != null) {
                query.bind("granted", granted);
            }
            if (after != null) {
                query.bind("created", after.createdMs()).bind("after", after.id());
            }
            return Page.of(query.map(Permission::read).list(), limit);
        });
    }

    /** Takes one back; false if there is none. */
    public boolean delete(String project, String model, String id) {
        return jdbi.withHandle(handle -> handle.execute(
                        "DELETE FROM checkpoint_permissions WHERE id = ? AND project = ? AND model = ?",
                        id,
                        project,
                        model)
                > 0);
    }
}
