using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MLNetRecExt.Kernels;

namespace MLNetRecExt.Benchmarks;

/// <summary>What this machine can do at most with scattered rows of a table: they are loaded, or loaded and stored, and nothing else.</summary>
internal static unsafe class RowTraffic
{
    public static void Read(AlignedMatrix table, int[] rows, int threads) =>
        Split(rows.Length, threads, (first, end) => Read(table.Pointer, table.Stride, rows, first, end));

    public static void ReadAndWrite(ParameterTable table, int[] rows, int threads) =>
        Split(rows.Length, threads, (first, end) => ReadAndWrite(table.Values.Pointer, table.Values.Stride, table.Momenta.Pointer, table.Momenta.Stride, rows, first, end));

    private static void Split(int count, int threads, Action<int, int> work)
    {
        if (threads == 1)
            work(0, count);
        else
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads },
                thread => work((int)((long)count * thread / threads), (int)((long)count * (thread + 1) / threads)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Read(float* table, int stride, int[] rows, int first, int end)
    {
        var sum = Vector256<float>.Zero;
        for (int i = first; i < end; i++)
        {
            if (i + OptimizerKernels.PrefetchDistance < end)
                OptimizerKernels.Prefetch(table + (long)rows[i + OptimizerKernels.PrefetchDistance] * stride, stride);
            for (int k = 0; k < stride; k += 8)
                sum += Vector256.Load(table + (long)rows[i] * stride + k);
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadAndWrite(float* values, int stride, float* momenta, int momentaStride, int[] rows, int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            if (i + OptimizerKernels.PrefetchDistance < end)
            {
                OptimizerKernels.Prefetch(values + (long)rows[i + OptimizerKernels.PrefetchDistance] * stride, stride);
                OptimizerKernels.Prefetch(momenta + (long)rows[i + OptimizerKernels.PrefetchDistance] * momentaStride, momentaStride);
            }
            Touch(values + (long)rows[i] * stride, stride);
            Touch(momenta + (long)rows[i] * momentaStride, momentaStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Touch(float* row, int length)
    {
        for (int k = 0; k < length; k += 8)
            Vector256.Store(Vector256.Load(row + k), row + k);
    }
}
