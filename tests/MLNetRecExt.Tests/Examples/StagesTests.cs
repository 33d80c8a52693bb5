using Compare;

namespace MLNetRecExt.Tests.Examples;

public sealed class StagesTests
{
    [Fact]
    public void Run_SmallFiles_JudgesEveryStageAndSavesTheLast()
    {
        using var files = new TemporaryFiles();
        var data = SyntheticData.Generate(1, userCount: 200);
        var interactions = data.Interactions.Where(row => row.Item <= 300)
            .Select(row => $"{row.User},{row.Item},{(row.Item % 7 == 0 ? 3 : 5)}");
        var ratings = files.Write("ratings.csv", string.Join("\n", interactions.Prepend("user,item,rating")));
        var items = files.Write("items.csv", string.Join("\n", data.Items.Take(300).Select(item => $"{item.Id},\"{item.Title}, the film\",{item.Genre}|{item.SecondGenre}").Prepend("item,title,genres")));

        var (exitCode, output, error) = ExampleProgram.Run("Stages", files.Folder, ratings, items);

        Assert.True(exitCode == 0, error);
        foreach (var stage in new[] { "source: WalsModel", "source: ContentBasedModel", "source: PopularityModel", "candidates: reciprocal ranks", "candidates: blended scores", "scoring: LightGBM", "re-ranking: diverse, calibrated" })
            Assert.Contains(stage, output);
        Assert.Contains("its list for a user is the same: True", output);
        Assert.True(File.Exists(Path.Combine(files.Folder, "stages.model")));
    }

    [Fact]
    public void Run_OneFile_SaysWhatIsNeeded()
    {
        using var files = new TemporaryFiles();

        var (exitCode, _, error) = ExampleProgram.Run("Stages", files.Folder, "ratings.csv");

        Assert.Equal(2, exitCode);
        Assert.Contains("ratings.csv items.csv", error);
    }
}
