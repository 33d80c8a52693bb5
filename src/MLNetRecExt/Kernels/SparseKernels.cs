using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MLNetRecExt.Kernels;

/// <summary>Sums of sparse rows.</summary>
internal static unsafe class SparseKernels
{
    /// <summary>sums[indices[e]] += x · values[e] for every e.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double x, int* indices, float* values, int count, double* sums)
    {
        for (int e = 0; e < count; e++)
            sums[indices[e]] += x * values[e];
    }

    /// <summary>The same for e from <paramref name="start"/> on, while indices[e], which ascend, are below <paramref name="limit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddBelow(int limit, double x, int* indices, float* values, int start, int end, double* sums)
    {
        for (int e = start; e < end && indices[e] < limit; e++)
            sums[indices[e]] += x * values[e];
    }

    /// <inheritdoc cref="AddBelow(int, double, int*, float*, int, int, double*)"/>
    /// <returns>How many places are noted now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AddBelow(
        int limit, double x, int* indices, float* values, int start, int end, double* sums, int* touched, int touchedCount)
    {
        for (; start < end && indices[start] < limit; start++)
        {
            var index = indices[start];
            if (sums[index] == 0)
                touched[touchedCount++] = index;
            sums[index] += x * values[start];
        }
        return touchedCount;
    }

    /// <summary>Asks the memory for entries.</summary>
    public static void Prefetch(int* indices, float* values, int start)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(indices + start);
        Sse.Prefetch0(indices + start + 16);
        Sse.Prefetch0(values + start);
        Sse.Prefetch0(values + start + 16);
    }

    /// <summary>
    /// As <see cref="Add(double, int*, float*, int, double*)"/>, and notes the places whose sum was zero before: each place that is not zero
    /// afterwards is noted at least once.
    /// </summary>
    /// <returns>How many places are noted now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Add(double x, int* indices, float* values, int count, double* sums, int* touched, int touchedCount)
    {
        for (int e = 0; e < count; e++)
        {
            var index = indices[e];
            if (sums[index] == 0)
                touched[touchedCount++] = index;
            sums[index] += x * values[e];
        }
        return touchedCount;
    }
}
