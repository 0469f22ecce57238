package org.reft4j.verify.planted.model;

import org.bytedeco.javacpp.PointerScope;

/** Opens a scope of JavaCPP's own. */
final class ScopeTaker {
    boolean inScope() {
        return PointerScope.getInnerScope() != null;
    }
}
