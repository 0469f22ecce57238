package org.reft4j.model.decoder;

/** Placeholder in this worktree only (the decoder's engineer owns the real one); ignored by git. */
public final class KvCache {}
