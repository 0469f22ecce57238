package org.reft4j.server.engine;

import org.reft4j.model.generate.Follower;

/** Told of one draw, until it is finished or has failed. */
public interface Answer extends Follower {
    void failed(RuntimeException why);
}
