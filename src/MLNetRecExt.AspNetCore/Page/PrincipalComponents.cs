using System.Numerics.Tensors;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>The directions in which rows differ most, by power iteration.</summary>
/// <remarks>Not ML.NET's <c>ProjectToPrincipalComponents</c>: made for large data, it finds about 90 % of what two components hold of
/// embeddings, and is NaN where these lie in a plane.</remarks>
internal static class PrincipalComponents
{
    private const int MaxIterations = 500;
    private const float Converged = 1 - 1e-7f;

    /// <summary>Coordinates along the first components; 0 where no variance is left.</summary>
    /// <param name="rows">Their means are 0.</param>
    /// <param name="count">Number of components.</param>
    /// <returns>By row its coordinates.</returns>
    public static float[][] Project(float[][] rows, int count)
    {
        var components = new List<float[]>(count);
        while (components.Count < count)
            components.Add(Next(rows, components));
        return Array.ConvertAll(rows, row => components.Select(component => TensorPrimitives.Dot<float>(row, component)).ToArray());
    }

    // v ← XᵀX v at right angles to the components so far, of unit length; its largest element is positive.
    private static float[] Next(float[][] rows, List<float[]> components)
    {
        float[] vector = [.. Enumerable.Range(0, rows[0].Length).Select(k => 1 + MathF.Sin(k + 1))];
        MakeUnit(vector, components, smallest: 0);
        var noise = 1e-6f * rows.Sum(row => TensorPrimitives.SumOfSquares<float>(row));
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            var next = new float[vector.Length];
            foreach (var row in rows)
                TensorPrimitives.MultiplyAdd(row, TensorPrimitives.Dot<float>(row, vector), next, next);
            if (!MakeUnit(next, components, noise))
                return new float[vector.Length];
            var turned = TensorPrimitives.Dot<float>(next, vector);
            vector = next;
            if (turned > Converged)
                break;
        }
        if (vector[TensorPrimitives.IndexOfMaxMagnitude<float>(vector)] < 0)
            TensorPrimitives.Negate<float>(vector, vector);
        return vector;
    }

    /// <summary>False where nothing is left at right angles to the components.</summary>
    private static bool MakeUnit(float[] vector, List<float[]> components, float smallest)
    {
        foreach (var component in components)
            TensorPrimitives.MultiplyAdd(component, -TensorPrimitives.Dot<float>(vector, component), vector, vector);
        var length = TensorPrimitives.Norm<float>(vector);
        if (!(length > smallest))
            return false;
        TensorPrimitives.Divide(vector, length, vector);
        return true;
    }
}
