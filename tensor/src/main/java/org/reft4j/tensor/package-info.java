/**
 * Native tensors from Java: scopes for native memory, data types, and the conversions between arrays and tensors. Open
 * {@link org.reft4j.tensor.NativeScope} first.
 *
 * <p>Every other module reaches native memory through the scopes of this package. Gradients are recorded only inside
 * {@link org.reft4j.tensor.Torch#recordGradients()}.
 */
@NullMarked
package org.reft4j.tensor;

import org.jspecify.annotations.NullMarked;
