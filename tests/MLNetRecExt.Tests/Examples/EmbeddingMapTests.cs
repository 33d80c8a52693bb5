using System.Text.RegularExpressions;
using Compare;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Examples;

public sealed partial class EmbeddingMapTests
{
    [Fact]
    public void Project_PointsOfAnEllipse_LieAlongItsAxes()
    {
        // 3 cos t along (0.6, 0.8, 0), sin t along (0.8, −0.6, 0), about a centre that does not count.
        var rows = Enumerable.Range(0, 40).Select(step => step * Math.PI / 20).Select(t => new[]
        {
            (float)(5 + 1.8 * Math.Cos(t) + 0.8 * Math.Sin(t)), (float)(1 + 2.4 * Math.Cos(t) - 0.6 * Math.Sin(t)), 7,
        }).ToArray();

        var places = EmbeddingMap.Project(rows);

        for (int step = 0; step < places.Length; step++)
        {
            Assert.Equal(3 * Math.Cos(step * Math.PI / 20), places[step].X, 1e-5);
            Assert.Equal(Math.Sin(step * Math.PI / 20), places[step].Y, 1e-5);
        }
    }

    [Fact]
    public void Project_EqualRows_LieAtTheOrigin() =>
        Assert.All(EmbeddingMap.Project([[1, 2], [1, 2]]), place => Assert.Equal((0, 0), place));

    [Fact]
    public void Run_Map_HasAPanelPerTrainerWithEmbeddingsAndADotPerItem()
    {
        using var files = new TemporaryFiles();
        files.Write("train.csv", "user,item\na,1\na,2\nb,2\nb,3\nc,1\n");
        files.Write("test.csv", "user,item\nc,2\n");

        var (exitCode, _, error) = ExampleProgram.Run("Compare", files.Folder, "--train", "train.csv", "--test", "test.csv", "--trainers", "popularity,wals", "--map", "maps/map.svg");

        Assert.True(exitCode == 0, error);
        var svg = File.ReadAllText(files.PathOf("maps/map.svg"));
        Assert.Equal(1, svg.Split("<g ").Length - 1);
        Assert.Equal(3, svg.Split("h0").Length - 1);
        Assert.Contains(">wals<", svg);
    }

    [Fact]
    public void Draw_Groups_ColoursEachItsOwn()
    {
        var ml = new MLContext();
        var model = RandomFactorModel.Create(1, users: 40, items: 30, rank: 6);
        var report = ml.Recommenders().Evaluate(model, Interactions.Create(model.Users, model.Items, [1], [2]), new() { BootstrapSamples = 0 });
        var known = Enumerable.Range(0, 30).Where(model.IsKnownItem).ToArray();

        var svg = EmbeddingMap.Draw([new("random", [], [], null, model, default, 0, report, 0, 0)], [.. Enumerable.Range(0, 30).Select(item => item % 3 % 2)], ["Even", "<Odd>"]);

        var dots = Dots().Matches(svg).ToDictionary(path => path.Groups["colour"].Value, path => path.Groups["dots"].Value.Split("h0").Length - 1);
        var names = Names().Matches(svg).ToDictionary(text => text.Groups["name"].Value, text => text.Groups["colour"].Value);
        Assert.Equal(["Even", "&lt;Odd&gt;"], names.Keys);
        Assert.Equal(2, dots.Count);
        Assert.Equal(known.Count(item => item % 3 != 1), dots[names["Even"]]);
        Assert.Equal(known.Count(item => item % 3 == 1), dots[names["&lt;Odd&gt;"]]);
    }

    [Fact]
    public void Run_MapWithoutEmbeddings_SaysSo()
    {
        var (exitCode, _, error) = ExampleProgram.Run("Compare", ".", "--trainers", "popularity", "--map", "map.svg");

        Assert.Equal(2, exitCode);
        Assert.Contains("none of --trainers popularity has item embeddings", error);
    }

    [GeneratedRegex("<path stroke=\"(?<colour>#[0-9a-f]+)\"[^>]* d=\"(?<dots>[^\"]*)\"")]
    private static partial Regex Dots();

    [GeneratedRegex("<text [^>]*fill=\"(?<colour>#[0-9a-f]+)\">(?<name>[^<]*)<")]
    private static partial Regex Names();
}
