package org.reft4j.server.worker;

/** Somebody else on this machine who holds memory that jobs could use: the engine. */
public interface Tenant {
    /** Nobody. */
    Tenant NONE = new Tenant() {
        @Override
        public long bytes() {
            return 0;
        }

        @Override
        public void leave() {
            // there is nobody
        }
    };

    /** Bytes that it holds now. */
    long bytes();

    /** Lets go of what nobody has used for a while; it may take a moment. */
    void leave();
}
