namespace MLNetRecExt;

/// <summary>What is taken from a number of a feature, and what the rest is multiplied by.</summary>
/// <param name="Mean">What is taken from it.</param>
/// <param name="Factor">What the rest is multiplied by; 0 where the number says nothing.</param>
/// <remarks>
/// <para>The rule for every model, by what a column holds:</para>
/// <list type="bullet">
/// <item>Only 0 and 1: it stays so. Such a column says whether something holds; standardised, a rare 1 would outweigh all other features,
/// and each 0, which says nothing, would count as well.</item>
/// <item>One number, or dates: (x − mean) / standard deviation of those that are not missing, so that a feature weighs the same in years
/// as in days.
/// A number that does not vary, rounding apart, says nothing.</item>
/// <item>A vector of other numbers: all are divided by the root mean square of the vectors' lengths. Such a vector is an embedding, or
/// weights of words:
/// its direction carries the meaning, and its zeros are places where nothing is. Standardised number by number, the faintest would weigh as
/// much as the strongest, zeros would become values, and a vector of n numbers would weigh √n times as much as a feature of one.
/// Numbers of different units are better given as columns of their own.</item>
/// </list>
/// </remarks>
internal readonly record struct Standardization(double Mean, double Factor)
{
    // Below it, the deviation of numbers that are all the same is rounding.
    private const double LeastVariation = 1e-6;

    private static readonly Standardization AsItIs = new(0, 1);

    /// <summary>The rule for each number of a column.</summary>
    /// <param name="column">A column of numbers.</param>
    /// <param name="rows">The numbers of the rows that count, NaN where missing.</param>
    public static Standardization[] Of(FeatureColumn column, IReadOnlyCollection<float[]> rows)
    {
        var result = new Standardization[column.Size];
        if (rows.All(numbers => Array.TrueForAll(numbers, float.IsNaN)))
            return result;
        if (rows.All(numbers => Array.TrueForAll(numbers, number => number is 0 or 1 or float.NaN)))
            Array.Fill(result, AsItIs);
        else if (column.Size > 1 && !column.Type.IsDates)
            Array.Fill(result, new(0, 1 / Math.Sqrt(rows.Average(SquaredLength))));
        else
            for (int k = 0; k < result.Length; k++)
                result[k] = Of([.. rows.Select(numbers => (double)numbers[k]).Where(double.IsFinite)]);
        return result;
    }

    private static Standardization Of(double[] numbers)
    {
        if (numbers.Length == 0)
            return default;
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(number => (number - mean) * (number - mean)));
        return new(mean, deviation > LeastVariation * Math.Abs(mean) ? 1 / deviation : 0);
    }

    private static double SquaredLength(float[] numbers) => numbers.Sum(number => float.IsNaN(number) ? 0 : (double)number * number);
}
