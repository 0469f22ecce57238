package org.reft4j.tensor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.global.torch;

/**
 * NVIDIA's devices: if they can be used, what is missing if not, and their memory. Asks libtorch through its common interface, and the
 * driver by itself, so that no class of CUDA's is loaded where there is none: loading one fails without the driver's library.
 */
public final class Cuda {
    private static final String NAME = "cuda";
    private static final Path DRIVER_VERSION = Path.of("/proc/driver/nvidia/version");
    private static final String DRIVER = "libcuda.so.1";
    private static final String NATIVES = "/org/bytedeco/pytorch/linux-x86_64-gpu/libtorch_cuda.so";
    private static final String REDISTRIBUTED = "/org/bytedeco/cuda/linux-x86_64/";

    /** Libraries of NVIDIA's that libtorch's CUDA half is linked with, and the package of each, as NVIDIA's repositories name it. */
    private static final List<Library> LIBRARIES = List.of(
            new Library("libcudart.so.13", "cuda-cudart-13-1"),
            new Library("libcublas.so.13", "libcublas-13-1"),
            new Library("libcublasLt.so.13", "libcublas-13-1"),
            new Library("libcudnn.so.9", "libcudnn9-cuda-13"),
            new Library("libcufft.so.12", "libcufft-13-1"),
            new Library("libcufile.so.0", "libcufile-13-1"),
            new Library("libcupti.so.13", "cuda-cupti-13-1"),
            new Library("libcurand.so.10", "libcurand-13-1"),
            new Library("libcusparse.so.12", "libcusparse-13-1"),
            new Library("libcusolver.so.12", "libcusolver-13-1"),
            new Library("libnccl.so.2", "libnccl2"));

    /** Compute capability's first digit from which bfloat16 is multiplied in hardware (NVIDIA's Ampere). */
    private static final int BF16_CAPABILITY = 8;
    /** {@code CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR} of cuda.h. */
    private static final int CAPABILITY_MAJOR = 75;

    private static final int NAME_BYTES = 256;

    private Cuda() {}

    /**
     * A library that has to be on the machine.
     *
     * @param file name that the loader looks for
     * @param source package that brings it
     */
    public record Library(String file, String source) {}

    /** Memory of a device, in bytes. */
    public record Memory(long free, long total) {}

    /** True if a device's name means one of NVIDIA's. */
    static boolean is(String device) {
        return device.startsWith(NAME);
    }

    /** True if a device can be used; where the build has no CUDA, libtorch is not loaded to say so. */
    public static boolean usable() {
        return built() && torch.cuda_is_available();
    }

    /** Number of devices that can be used. */
    public static int count() {
        return usable() ? torch.cuda_device_count() : 0;
    }

    /** Why no device can be used, in words that name what is missing. */
    public static String missing() {
        if (!isLoadable(DRIVER)) {
            return "there is no NVIDIA driver on this machine (" + DRIVER + " is not found)";
        }
        if (!built()) {
            return "this build has no CUDA; start with REFT_CUDA=1, or with REFT_LIBTORCH=DIR for PyTorch's own libtorch";
        }
        List<Library> absent = absent();
        if (!absent.isEmpty()) {
            return "libraries of NVIDIA's are missing: "
                    + String.join(", ", absent.stream().map(Library::file).toList()) + " (docs/gpu.md)";
        }
        return "libtorch finds no usable device; the driver must be 580 or newer, and the device of compute capability 7.5 or above";
    }

    /** True if the libtorch on the class path, or the one that is named, has a CUDA half. */
    public static boolean built() {
        Optional<Path> own = ownLibtorch();
        return own.isPresent()
                ? Files.exists(own.get().resolve("libtorch_cuda.so"))
                : Cuda.class.getResource(NATIVES) != null;
    }

    /** Folder of PyTorch's own libtorch, where the launcher was told to take it. */
    public static Optional<Path> ownLibtorch() {
        return Optional.ofNullable(System.getenv("REFT_LIBTORCH"))
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
    }

    /** NVIDIA's libraries that neither the class path nor the system's loader has. */
    public static List<Library> absent() {
        return LIBRARIES.stream()
                .filter(library -> !isOnClassPath(library) && !isLoadable(library.file()))
                .toList();
    }

    private static boolean isOnClassPath(Library library) {
        return Cuda.class.getResource(REDISTRIBUTED + library.file()) != null;
    }

    /** True if the system's loader finds it, with all that it needs. */
    @SuppressWarnings("restricted") // the launcher enables native access, which libtorch needs anyway
    private static boolean isLoadable(String file) {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(file, arena);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Prepares a device for the work of this process: products as exact as the type says, and kernels that give the same every time
     * where there are such.
     *
     * @param device {@code cuda:N}
     */
    static void begin(String device) {
        torch.setDeviceIndex(index(device));
        Context context = torch.globalContext();
        context.setAllowTF32CuBLAS(false);
        context.setAllowTF32CuDNN(false);
        // Only a warning: the running sum of sampling has no such kernel.
        context.setDeterministicAlgorithms(true, true);
        context.setDeterministicFillUninitializedMemory(false);
    }

    /** Memory of a device. */
    static Memory memory(String device) {
        try (var _ = NativeScope.open()) {
            SizeTPair pair = torch.getMemoryInfo(index(device));
            return new Memory(pair.first(), pair.second());
        }
    }

    /** Gives freed memory back to the device. */
    static void emptyCache() {
        torch.emptyCache();
    }

    private static byte index(String device) {
        int colon = device.indexOf(':');
        return colon < 0 ? 0 : Byte.parseByte(device.substring(colon + 1));
    }

    /** True if a device multiplies bfloat16 in hardware. */
    public static boolean hasBfloat16(String device) {
        return Driver.open()
                .map(driver -> driver.capability(index(device)) >= BF16_CAPABILITY)
                .orElse(true);
    }

    /** The names of the devices that the driver knows, with memory in use or not; empty without a driver. */
    public static List<String> names() {
        return Driver.open().map(Driver::names).orElse(List.of());
    }

    /** Version of the driver as the system tells it. */
    public static Optional<String> driverVersion() {
        try {
            return Files.exists(DRIVER_VERSION)
                    ? Files.readString(DRIVER_VERSION).lines().findFirst().map(String::strip)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The driver's library, which comes with the driver alone. */
    @SuppressWarnings("restricted")
    private record Driver(SymbolLookup library) {
        static Optional<Driver> open() {
            try {
                Driver driver = new Driver(SymbolLookup.libraryLookup(DRIVER, Arena.global()));
                return driver.call("cuInit", 0) == 0 ? Optional.of(driver) : Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        int capability(int index) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment result = arena.allocate(ValueLayout.JAVA_INT);
                return call("cuDeviceGetAttribute", result, CAPABILITY_MAJOR, device(arena, index)) == 0
                        ? result.get(ValueLayout.JAVA_INT, 0)
                        : 0;
            }
        }

        List<String> names() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
                if (call("cuDeviceGetCount", count) != 0) {
                    return List.of();
                }
                List<String> names = new ArrayList<>();
                for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
                    MemorySegment name = arena.allocate(NAME_BYTES);
                    if (call("cuDeviceGetName", name, NAME_BYTES, device(arena, i)) == 0) {
                        names.add(name.getString(0, StandardCharsets.UTF_8));
                    }
                }
                return Collections.unmodifiableList(names);
            }
        }

        private int device(Arena arena, int index) {
            MemorySegment handle = arena.allocate(ValueLayout.JAVA_INT);
            return call("cuDeviceGet", handle, index) == 0 ? handle.get(ValueLayout.JAVA_INT, 0) : index;
        }

        /** Calls a function of integers and addresses; 0 is success. */
        private int call(String name, Object... arguments) {
            ValueLayout[] layouts = new ValueLayout[arguments.length];
            for (int i = 0; i < layouts.length; i++) {
                layouts[i] = arguments[i] instanceof MemorySegment ? ValueLayout.ADDRESS : ValueLayout.JAVA_INT;
            }
            try {
                return (int) Linker.nativeLinker()
                        .downcallHandle(
                                library.find(name).orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts))
                        .invokeWithArguments(arguments);
            } catch (Throwable e) {
                throw new IllegalStateException(name + " of " + DRIVER + " could not be called", e);
            }
        }
    }
}
