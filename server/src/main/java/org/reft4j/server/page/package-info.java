/**
 * The dashboard: pages about jobs and runs, made of templates in {@code src/main/jte}. Open {@link org.reft4j.server.page.Dashboard} first,
 * which lists the pages; each is a class that reads and a template that shows. Texts of models are hostile: templates escape them, and no
 * page has a script or a style of its own.
 */
@NullMarked
package org.reft4j.server.page;

import org.jspecify.annotations.NullMarked;
