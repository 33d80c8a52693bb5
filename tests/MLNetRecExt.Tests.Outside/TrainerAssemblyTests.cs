using System.Text;
using MLNetRecExt.Tests.Examples;

namespace Outside;

/// <summary>What Compare says of a --trainer-assembly that it cannot use.</summary>
public class TrainerAssemblyTests
{
    private static readonly string Own = typeof(Rp3BetaTrainer).Assembly.Location;

    [Fact]
    public void Compare_NoSuchFile_SaysWhereItLooked() => AssertRefused("nothing.dll", "nothing.dll");

    [Fact]
    public void Compare_NoNetAssembly_SaysSo()
    {
        using var files = new TemporaryFiles();

        AssertRefused(files.Write("clicks.dll", "user,item\n"), "clicks.dll");
    }

    [Fact]
    public void Compare_NoTrainer_SaysWhatOneIs() => AssertRefused(typeof(Assert).Assembly.Location, "has no trainer: a public class that derives from RecommenderTrainer");

    [Theory]
    [InlineData("RecommenderTrainer`2", "RecommenderTrainer`9", "cannot be loaded")]
    [InlineData("get_TrainerOptions", "get_TrainerOptionz", "Build it against this version of MLNetRecExt")]
    public void Compare_AnotherVersion_SaysToBuildItAgain(string name, string nameThere, string expected)
    {
        using var files = new TemporaryFiles();
        var bytes = File.ReadAllBytes(Own);
        Encoding.UTF8.GetBytes(nameThere).CopyTo(bytes, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)));
        File.WriteAllBytes(files.PathOf("Outside.dll"), bytes);

        AssertRefused(files.PathOf("Outside.dll"), expected);
    }

    private static void AssertRefused(string path, string expected)
    {
        using var files = new TemporaryFiles();
        files.Write("clicks.csv", "user,item\n" + string.Concat(Enumerable.Range(0, 60).Select(n => $"u{n % 6},i{n / 6}\n")));

        files.Write("recommender.json", "{ \"data\": { \"file\": \"clicks.csv\" }, \"trainers\": { \"popularity\": {} } }");

        var (exitCode, output, error) = ExampleProgram.Run("Compare", files.Folder, "recommender.json", "--trainer-assembly", path);

        Assert.True(exitCode == 2, output + error);
        Assert.Contains(expected, error.TrimEnd().Split('\n')[^1]);
    }
}
