using Microsoft.ML;

namespace MLNetRecExt.Tests.Experiments;

/// <summary>Records of experiments, as files.</summary>
public sealed class RunRecordTests : IDisposable
{
    private static readonly Lazy<RunRecord> Run = new(() => new MLContext().Recommenders()
        .Experiment(Some(), new() { Split = SplitRule.LeaveLast(), Trials = 3, Caption = "Made up." }).Add("popularity", "wals", "item-knn").Run());

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_WhatWasSaved_IsTheSame()
    {
        var (first, second) = (Path.Combine(_folder, "a.json"), Path.Combine(_folder, "b.json"));

        Run.Value.Save(first);
        var read = RunRecord.Load(first);
        read.Save(second);

        Assert.Equal(File.ReadAllText(first), File.ReadAllText(second));
        Assert.Equal(Run.Value.ToString(), read.ToString());
        Assert.Equal(Run.Value.Best.Metrics, read.Best.Metrics);
        Assert.Null(read.Best.Model);
    }

    [Fact]
    public void Load_NewerFormat_IsRefusedWithASentence()
    {
        var path = Path.Combine(_folder, "new.json");
        Run.Value.Save(path);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"format\": 1,", "\"format\": 2,"));

        var error = Assert.Throws<InvalidDataException>(() => RunRecord.Load(path));

        Assert.Contains("update", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\": 1}")]
    [InlineData("{\"format\": 1, \"seconds\": \"soon\"}")]
    [InlineData("{\"format\": 1, \"surprise\": 1}")]
    public void Load_WhatIsNoRecord_IsRefused(string text)
    {
        var path = Path.Combine(_folder, "bad.json");
        File.WriteAllText(path, text);

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => RunRecord.Load(path)).Message);
    }

    [Fact]
    public void Load_EveryCutFile_IsRefused()
    {
        var path = Path.Combine(_folder, "cut.json");
        Run.Value.Save(path);
        var text = File.ReadAllText(path);

        for (int part = 1; part < 40; part++)
        {
            File.WriteAllText(path, text[..(int)((long)text.Length * part / 40)]);
            Assert.Throws<InvalidDataException>(() => RunRecord.Load(path));
        }
    }

    [Fact]
    public void Holm_PublishedSteps_AreTaken()
    {
        // 0.01·4 = 0.04; 0.02·3 = 0.06; 0.03·2 = 0.06; 0.04·1 = 0.04, which may not be below those before it.
        Assert.Equal([0.06, 0.04, 0.06, 0.06], RunComparison.Holm([0.03, 0.01, 0.04, 0.02]), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([1, 1], RunComparison.Holm([0.8, 0.7]));
        Assert.Empty(RunComparison.Holm([]));
    }

    [Fact]
    public void Comparisons_Pairs_AreTheBetterAgainstTheWorse()
    {
        var record = Run.Value;

        Assert.Equal(3, record.Comparisons.Count);
        Assert.All(record.Comparisons, pair =>
        {
            Assert.True(pair.Comparison.Difference >= 0);
            Assert.InRange(pair.AdjustedPValue, pair.Comparison.PValue, 1);
        });
    }

    private static Interactions Some()
    {
        var random = new Random(3);
        int[] users = [.. Enumerable.Range(0, 500).Select(row => row % 60)];
        int[] items = [.. users.Select(user => (user % 2 * 10) + random.Next(12))];
        long[] times = [.. Enumerable.Range(0, 500).Select(row => (long)row)];
        return Interactions.Create(IdMap.FromKeys(60), IdMap.FromKeys(22), users, items, timestamps: times);
    }
}
