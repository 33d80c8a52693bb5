using System.Runtime.CompilerServices;

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

    /// <summary>
    /// The same, and notes the places whose sum was zero before: each place that is not zero afterwards is noted at least once.
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
