# What the engine's native libraries read from the environment when they load; sourced before Java starts. Values that are set already stay.

# glibc gives freed pages back and takes them again for every large tensor unless told not to: a third of training speed.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-4294967296}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-8589934592}"
export MALLOC_TOP_PAD_="${MALLOC_TOP_PAD_:-67108864}"

# libtorch's threads (OpenMP) and the BLAS library's are two pools for the same cores. By default the idle ones of each spin, and take the
# cores from the busy ones of the other: decoding a small model was 17 times slower on two cores. Waiting threads sleep instead,
# libtorch's after some tens of microseconds: the next operation is often nearer than that, and waking a thread is dear.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-10000}"
export OPENBLAS_THREAD_TIMEOUT="${OPENBLAS_THREAD_TIMEOUT:-4}"

# On a GPU: cuBLAS gives the same sums every time only with workspaces of a fixed size.
export CUBLAS_WORKSPACE_CONFIG="${CUBLAS_WORKSPACE_CONFIG:-:4096:8}"
