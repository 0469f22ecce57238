/**
 * Programs that a model or a stranger wrote, run in child processes that can reach nothing. Start at {@link
 * org.reft4j.sandbox.ProgramRunner}, all that graders see; {@link org.reft4j.sandbox.ProgramPool} is the one that runs programs, in
 * workers it starts ({@code WorkerProcess}) and that confine themselves before they read the first program ({@code ProgramWorker},
 * {@code Confinement}). {@code PythonPrograms} runs a program within a worker; {@link org.reft4j.sandbox.OwnPython} is a user's own
 * interpreter.
 */
@NullMarked
package org.reft4j.sandbox;

import org.jspecify.annotations.NullMarked;
