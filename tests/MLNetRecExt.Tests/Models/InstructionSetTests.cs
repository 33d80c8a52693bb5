using System.Globalization;
using System.Reflection;

namespace MLNetRecExt.Tests.Models;

/// <summary>What the guide says under "Which numbers repeat" of processors with other instructions, each row of its table.</summary>
public class InstructionSetTests
{
    private static readonly Lazy<Dictionary<string, float[]>> WithAll = new(() => Scores([]));
    private static readonly Lazy<Dictionary<string, float[]>> WithNone = new(() => Scores(new() { ["DOTNET_EnableHWIntrinsic"] = "0" }));

    [Theory]
    [InlineData("ItemKnn", 0)]
    [InlineData("UserKnn", 0)]
    [InlineData("Ease", 0)]
    [InlineData("Ease recency", 0)]
    [InlineData("SgdMatrixFactorization", 1e-6)]
    [InlineData("SoftmaxDnn", 1e-6)]
    [InlineData("Wals Cholesky", 5e-6)]
    [InlineData("Wals", 1e-3)]
    [InlineData("Wals recency", 1e-3)]
    [InlineData("Wals biases", 1.3e-2)]
    [InlineData("Wals weights", 2.5e-2)]
    public void Fit_WithoutVectorInstructions_ScoresDifferByWhatTheGuideSays(string setting, double most)
    {
        var (all, none) = (WithAll.Value[setting], WithNone.Value[setting]);

        var largest = all.Max(Math.Abs);
        Assert.InRange(all.Zip(none, (one, other) => Math.Abs((double)one - other) / largest).Max(), 0, most);
    }

    [Fact]
    public void Settings_OfTheProgram_AreAllJudged()
    {
        var judged = typeof(InstructionSetTests).GetMethod(nameof(Fit_WithoutVectorInstructions_ScoresDifferByWhatTheGuideSays))!
            .GetCustomAttributes<InlineDataAttribute>().SelectMany(data => data.GetData(null!)).Select(row => (string)row[0]);

        Assert.Equal(WithAll.Value.Keys.Order(), judged.Order());
    }

    private static Dictionary<string, float[]> Scores(Dictionary<string, string> environment) =>
        LoadModelProgram.Run(["train"], environment).Select(line => line.Split('\t')).ToDictionary(cells => cells[0], cells =>
            Array.ConvertAll(cells[1].Split(' '), bits => BitConverter.Int32BitsToSingle(int.Parse(bits, CultureInfo.InvariantCulture))));
}
