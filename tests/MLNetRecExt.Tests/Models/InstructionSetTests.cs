using System.Globalization;

namespace MLNetRecExt.Tests.Models;

/// <summary>What the guide says under "Which numbers repeat" of processors with other instructions, each row of its table.</summary>
public class InstructionSetTests
{
    [Theory]
    [InlineData("ItemKnn", 0)]
    [InlineData("UserKnn", 0)]
    [InlineData("Ease", 0)]
    [InlineData("SgdMatrixFactorization", 1e-6)]
    [InlineData("SoftmaxDnn", 1e-6)]
    [InlineData("Wals Cholesky", 5e-6)]
    [InlineData("Wals", 1e-3)]
    [InlineData("Wals biases", 1.3e-2)]
    [InlineData("Wals weights", 2.5e-2)]
    public void Fit_WithoutVectorInstructions_ScoresDifferByWhatTheGuideSays(string setting, double most)
    {
        var scores = Scores(setting, []);
        var plain = Scores(setting, new() { ["DOTNET_EnableHWIntrinsic"] = "0" });

        var largest = scores.Max(Math.Abs);
        Assert.InRange(scores.Zip(plain, (one, other) => Math.Abs((double)one - other) / largest).Max(), 0, most);
    }

    private static float[] Scores(string setting, Dictionary<string, string> environment) =>
    [
        .. from line in LoadModelProgram.Run(["train", setting], environment)
           from bits in line.Split(' ')
           select BitConverter.Int32BitsToSingle(int.Parse(bits, CultureInfo.InvariantCulture)),
    ];
}
