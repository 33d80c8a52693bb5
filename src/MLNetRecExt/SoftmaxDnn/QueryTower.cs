using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>
/// ψ(x): the mean of the history's embeddings and those of the user's features, summed, then layers y = ReLU(x·W + b), the last without
/// ReLU and with the sum added where it skips them, then the direction over the temperature where scores are cosines.
/// A batch is a matrix with a row per query; rows do not influence one another, to the bit.
/// </summary>
/// <param name="history">Items × K: what an item in a history adds.</param>
/// <param name="layers">By layer, (inputs + 1) × outputs: the weights, and the biases as the last row. None: the sum is the output.</param>
/// <param name="settings">Whether the sum skips the layers, and the temperature; 0: no normalisation.</param>
/// <param name="features">Rows × K, as <see cref="FeatureEncoder"/> counts them: what a feature of the user adds; null where there are
/// none.</param>
internal sealed unsafe class QueryTower(
    AlignedMatrix history, AlignedMatrix[] layers, SoftmaxDnnSettings settings, AlignedMatrix? features = null)
{
    private static readonly GemmKernels Gemm = GemmKernels.Best;
    private static readonly OptimizerKernels Rows = OptimizerKernels.Best;

    public AlignedMatrix History => history;

    /// <summary>Length of ψ.</summary>
    public int Columns => layers.Length == 0 ? history.Columns : layers[^1].Columns;

    public AlignedMatrix[] Layers => layers;

    public AlignedMatrix? Features => features;

    /// <summary>Room for a batch: its inputs, and the outputs of each layer.</summary>
    public AlignedMatrix[] NewActivations(int rows)
    {
        var activations = new AlignedMatrix[layers.Length + 1];
        activations[0] = new AlignedMatrix(rows, history.Columns);
        for (int layer = 0; layer < layers.Length; layer++)
            activations[layer + 1] = new AlignedMatrix(rows, layers[layer].Columns);
        return activations;
    }

    /// <summary>Input of one query: Σ share · embedding.</summary>
    public void SetInput(AlignedMatrix input, int row, ReadOnlySpan<int> items, ReadOnlySpan<float> shares)
    {
        input.PaddedRow(row).Clear();
        Add(history, items, shares, input, row);
    }

    /// <summary>Adds the embeddings of a user's features to the input.</summary>
    public void AddFeatures(AlignedMatrix input, int row, ReadOnlySpan<int> rows, ReadOnlySpan<float> coefficients)
    {
        if (features is not null)
            Add(features, rows, coefficients, input, row);
    }

    /// <summary>Adds Σ coefficient · (row of a table) to a row of a matrix as wide.</summary>
    public static void Add(AlignedMatrix table, ReadOnlySpan<int> rows, ReadOnlySpan<float> coefficients, AlignedMatrix sums, int row)
    {
        fixed (int* r = rows)
        fixed (float* c = coefficients)
            Rows.AddRows(table.Pointer, r, c, rows.Length, sums.Pointer + (long)row * sums.Stride, table.Stride);
    }

    /// <summary>
    /// Outputs of all layers for some rows. With <paramref name="dropout"/> above 0 each hidden value is dropped at that rate, by a
    /// random stream per row, and the others are scaled up.
    /// </summary>
    public void Forward(AlignedMatrix[] activations, int first, int count, float dropout = 0, int seed = 0, long stream = 0)
    {
        for (int layer = 0; layer < layers.Length; layer++)
        {
            var (x, y, weights) = (activations[layer], activations[layer + 1], layers[layer]);
            var inputs = weights.Rows - 1;
            for (int row = first; row < first + count; row++)
                weights.PaddedRow(inputs).CopyTo(y.PaddedRow(row));
            Gemm.Multiply(x.Pointer + (long)first * x.Stride, x.Stride, 1, weights.Pointer, weights.Stride,
                y.Pointer + (long)first * y.Stride, y.Stride, count, y.Stride, inputs, add: true);
            if (layer == layers.Length - 1)
            {
                if (settings.SkipConnection)
                    AddRows(activations[0], y, first, count);
                break;
            }
            for (int row = first; row < first + count; row++)
                Activate(y[row], dropout, seed, (stream + row) * layers.Length + layer);
        }
    }

    /// <summary>The direction of each output, over the temperature. <see cref="BackwardNormalize"/> needs the lengths before.</summary>
    public void Normalize(AlignedMatrix psi, int first, int count, Span<float> lengths)
    {
        if (settings.Temperature == 0)
            return;
        for (int row = first; row < first + count; row++)
            lengths[row] = Normalize(psi[row], settings.Temperature);
    }

    /// <summary>From the gradient by the normalised output to that by the output: what lies along the output has no effect.</summary>
    public void BackwardNormalize(AlignedMatrix psi, AlignedMatrix gradient, int first, int count, ReadOnlySpan<float> lengths)
    {
        if (settings.Temperature == 0)
            return;
        for (int row = first; row < first + count; row++)
            Project(psi[row], gradient[row], lengths[row], settings.Temperature);
    }

    /// <summary>x / (‖x‖ τ) in place. Returns ‖x‖: 0 for a vector without a direction, which becomes zero.</summary>
    public static float Normalize(Span<float> row, float temperature)
    {
        var length = PanelIndex.Length(row);
        if (!(length >= 1e-10f))
        {
            row.Clear();
            return 0;
        }
        foreach (ref var value in row)
            value /= length * temperature;
        return length;
    }

    /// <summary>y = x / (‖x‖ τ): from ∂/∂y to ∂/∂x = (g − (yτ)⟨yτ, g⟩) / (‖x‖ τ).</summary>
    public static void Project(ReadOnlySpan<float> y, Span<float> gradient, float length, float temperature)
    {
        if (length == 0)
        {
            gradient.Clear();
            return;
        }
        double along = 0;
        for (int k = 0; k < y.Length; k++)
            along += (double)y[k] * gradient[k];
        along *= (double)temperature * temperature;
        for (int k = 0; k < y.Length; k++)
            gradient[k] = (float)((gradient[k] - along * y[k]) / ((double)length * temperature));
    }

    /// <summary>
    /// Gradients by the input of each layer for some rows, from the last of <paramref name="gradients"/>, which have the shapes of the
    /// activations.
    /// <paramref name="transposed"/>: by layer, the weights as outputs × inputs.
    /// </summary>
    public void Backward(
        AlignedMatrix[] activations, AlignedMatrix[] gradients, AlignedMatrix[] transposed, int first, int count, float dropout)
    {
        var scale = 1 / (1 - dropout);
        for (int layer = layers.Length - 1; layer >= 0; layer--)
        {
            var (dy, dx, weights) = (gradients[layer + 1], gradients[layer], transposed[layer]);
            Gemm.Multiply(dy.Pointer + (long)first * dy.Stride, dy.Stride, 1, weights.Pointer, weights.Stride,
                dx.Pointer + (long)first * dx.Stride, dx.Stride, count, dx.Stride, dy.Columns, add: false);
            if (layer == 0)
            {
                if (settings.SkipConnection)
                    AddRows(gradients[^1], dx, first, count);
                break;
            }
            for (int row = first; row < first + count; row++)
            {
                // Without branches: every other value is 0, and no processor guesses which.
                var x = MemoryMarshal.Cast<float, Vector<float>>(activations[layer].PaddedRow(row));
                var d = MemoryMarshal.Cast<float, Vector<float>>(dx.PaddedRow(row));
                for (int k = 0; k < d.Length; k++)
                    d[k] = Vector.ConditionalSelect(Vector.GreaterThan(x[k], Vector<float>.Zero), d[k] * scale, Vector<float>.Zero);
            }
        }
    }

    /// <summary>
    /// Gradient by rows <paramref name="first"/> to first + count − 1 of a layer's weights: Xᵀ·dY, over the whole batch; the biases with
    /// the last weight.
    /// </summary>
    public static void WeightGradient(AlignedMatrix x, AlignedMatrix dy, int batch, AlignedMatrix gradient, int first, int count)
    {
        var inputs = gradient.Rows - 1;
        if (first + count > inputs)
        {
            count = inputs - first;
            var biases = gradient.Pointer + (long)inputs * gradient.Stride;
            gradient.PaddedRow(inputs).Clear();
            for (int row = 0; row < batch; row++)
                Rows.AddScaled(dy.Pointer + (long)row * dy.Stride, 1, biases, dy.Stride);
        }
        Gemm.Multiply(x.Pointer + first, 1, x.Stride, dy.Pointer, dy.Stride, gradient.Pointer + (long)first * gradient.Stride,
            gradient.Stride, count, dy.Stride, batch, add: false);
    }

    private static void AddRows(AlignedMatrix terms, AlignedMatrix sums, int first, int count) =>
        Rows.AddScaled(terms.Pointer + (long)first * terms.Stride, 1, sums.Pointer + (long)first * sums.Stride, count * sums.Stride);

    private static void Activate(Span<float> values, float dropout, int seed, long stream)
    {
        if (dropout == 0)
        {
            TensorPrimitives.Max(values, 0, values);
            return;
        }
        var random = new SeededRandom(seed, stream);
        var scale = 1 / (1 - dropout);
        var threshold = (uint)(dropout * (1 << 16));
        ulong bits = 0;
        for (int k = 0; k < values.Length; k++, bits >>= 16)
        {
            if (k % 4 == 0)
                bits = random.NextBits();
            values[k] = (bits & 0xFFFF) < threshold ? 0 : Math.Max(values[k], 0) * scale;
        }
    }
}
