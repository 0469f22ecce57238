package org.reft4j.model.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * One safetensors file, mapped into memory: a tensor's bytes are read when it is taken. The header is checked whole when the file is
 * opened. One thread at a time.
 */
public final class SafetensorsFile implements StoredWeights {
    private final MappedFile file;
    private final SafetensorsHeader header;
    private final Set<String> untaken;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) {
        this.file = file;
        this.header = header;
        this.untaken = new LinkedHashSet<>(header.tensors().keySet());
    }

    /**
     * Maps a file and checks its header.
     *
     * @throws FormatException if the file is missing, cut short or its header does not describe it
     */
    public static SafetensorsFile open(Path path) {
        Checksums.require(path);
        MappedFile file = MappedFile.open(path);
        try {
            return new SafetensorsFile(file, SafetensorsHeader.read(file));
        } catch (FormatException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    @Override
    public Set<String> untaken() {
        return Collections.unmodifiableSet(untaken);
    }

    /** The texts that the writer left in the header, such as {@code format}. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public String storage(String name) {
        return entry(name).type().name();
    }

    @Override
    public long storedBytes(String name) {
        return entry(name).end() - entry(name).begin();
    }

    @Override
    public long[] shape(String name) {
        return entry(name).shapeArray();
    }

    @Override
    public Tensor take(String name, DType dtype, long... shape) {
        SafetensorsHeader.Entry entry = entry(name);
        Checks.check(source(), name, entry.shapeArray(), shape);
        untaken.remove(name);
        if (entry.type() == ElementType.of(dtype)) {
            return Checks.finite(source(), name, read(name));
        }
        try (var scope = NativeScope.open()) {
            return scope.keep(Checks.finite(source(), name, read(name)).to(dtype.scalarType()));
        }
    }

    /** The tensor in the type and shape that it has in the file, as a new CPU tensor of the innermost scope. */
    public Tensor read(String name) {
        SafetensorsHeader.Entry entry = entry(name);
        Tensor tensor = Tensors.empty(Place.HOST, entry.type().scalarType(), entry.shapeArray());
        MemorySegment bytes = file.bytes().asSlice(entry.begin(), entry.end() - entry.begin());
        NativeBytes.copy(bytes, tensor);
        // The pages have served: a large model would otherwise be resident twice while it is loaded.
        bytes.unload();
        return tensor;
    }

    @Override
    public String source() {
        return file.path().toString();
    }

    @Override
    public void close() {
        file.close();
    }

    private SafetensorsHeader.Entry entry(String name) {
        SafetensorsHeader.Entry entry = header.tensors().get(name);
        if (entry == null) {
            throw Checks.missing(source(), name, names());
        }
        return entry;
    }
}
