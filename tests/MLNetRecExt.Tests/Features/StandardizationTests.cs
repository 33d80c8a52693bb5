using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Features;

public class StandardizationTests
{
    [Theory]
    [InlineData(0f, 1f, 0f, 0f)]
    [InlineData(1f, float.NaN, 1f)]
    public void Of_OnlyZerosAndOnes_StayAsTheyAre(params float[] numbers) =>
        Assert.Equal([new(0, 1)], Of(DataKind.Single, [.. numbers.Select(number => new[] { number })]));

    [Fact]
    public void Of_OneNumber_GetsMean0AndVariance1WithoutTheMissing()
    {
        float[] numbers = [3, 8, -1, 40];
        var rule = Assert.Single(Of(DataKind.Single, [.. numbers.Select(number => new[] { number }), [float.NaN]]));

        var made = numbers.Select(number => (number - rule.Mean) * rule.Factor).ToArray();
        Assert.Equal(0, made.Average(), 1e-12);
        Assert.Equal(1, made.Average(number => number * number), 1e-12);
    }

    [Theory]
    [InlineData(7.3f, 7.3f, 7.3f)]
    [InlineData(float.NaN, float.NaN)]
    public void Of_NumberThatDoesNotVary_SaysNothing(params float[] numbers) =>
        Assert.Equal(0, Assert.Single(Of(DataKind.Single, [.. numbers.Select(number => new[] { number })])).Factor);

    [Fact]
    public void Of_Vector_KeepsDirectionsAndZerosAndHasMeanSquaredLength1()
    {
        float[][] vectors = [[30, 0, 4], [0, 0, 0], [-2, float.NaN, 9]];
        var rules = Of(DataKind.Single, vectors);

        Assert.Equal(3, rules.Length);
        Assert.All(rules, rule => Assert.Equal(rules[0] with { Mean = 0 }, rule));
        Assert.Equal(1, vectors.Average(vector => vector.Where(float.IsFinite).Sum(number => Math.Pow(number * rules[0].Factor, 2))), 1e-12);
    }

    [Fact]
    public void Of_VectorOfDates_StandardisesEach()
    {
        var rules = Of(DataKind.DateTime, [[738_000, 5], [738_002, 9]]);

        Assert.Equal([738_001.0, 7], rules.Select(rule => rule.Mean));
        Assert.Equal([1, 0.5], rules.Select(rule => rule.Factor));
    }

    private static Standardization[] Of(DataKind kind, float[][] rows) =>
        Standardization.Of(new FeatureColumn("X", new FeatureType(kind, IsKey: false), null, [], rows[0].Length, rows), rows);
}
