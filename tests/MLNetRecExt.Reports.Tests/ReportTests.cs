using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML;

namespace MLNetRecExt.Reports.Tests;

/// <summary>The page as HTML.</summary>
public sealed partial class ReportTests
{
    public static TheoryData<string> Names => Records.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_AnyRecord_HasEverySectionWithSomethingInIt(string name)
    {
        var page = Page(Records.Named(name));

        foreach (var (id, title, _) in Report.Sections)
        {
            var section = Assert.Single(page.Descendants("section"), section => (string?)section.Attribute("id") == id);
            Assert.Equal(title, section.Element("h2")!.Value);
            Assert.True(section.Elements().Skip(1).Any(element => element.Value.Trim().Length > 0), id);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_AnyRecord_HasATableForEveryChart(string name)
    {
        foreach (var section in Page(Records.Named(name)).Descendants("section"))
            if (section.Descendants("figure").Any())
                Assert.NotEmpty(section.Descendants("table"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Write_AnyRecord_RowsHaveAsManyCellsAsTheHeader(string name)
    {
        foreach (var table in Page(Records.Named(name)).Descendants("table"))
            Assert.Single(table.Descendants("tr").Select(row => row.Elements().Count()).Distinct());
    }

    [Fact]
    public void Write_TextsOfOthers_StandAsTheyAre()
    {
        var page = Page(Records.Named("hostile"));

        Assert.DoesNotContain(page.Descendants("img"), _ => true);
        Assert.Contains(Records.Hostile, page.Descendants("pre").Single().Value);
        Assert.Contains(page.Descendants("th"), cell => cell.Value == Records.Hostile);
        Assert.Contains(page.Descendants("li"), entry => entry.Value.StartsWith($"{Records.Hostile} ", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_ListsOfUsers_MarkTheHits()
    {
        var record = Records.Named("lists");
        var compared = record.Trainers.Take(2).Select(trainer => trainer.Name);

        var marked = Page(record).Descendants("li").Count(entry => (string?)entry.Attribute("class") == "hit");

        Assert.True(marked > 0);
        Assert.Equal(record.Users.Sum(user => compared.Sum(trainer => user.Lists[trainer].Count(item => item.IsHit))), marked);
    }

    [Fact]
    public void SaveHtml_RecordThatWasRead_IsTheSamePage()
    {
        var folder = Directory.CreateTempSubdirectory();
        string At(string file) => Path.Combine(folder.FullName, file);
        Records.Named("lists").Save(At("run.json"));

        Records.Named("lists").SaveHtml(At("a.html"));
        RunRecord.Load(At("run.json")).SaveHtml(At("b.html"));

        Assert.Equal(File.ReadAllText(At("a.html")), File.ReadAllText(At("b.html")));
        folder.Delete(recursive: true);
    }

    /// <summary>Records of every format that was ever written, kept with the tests of the core.</summary>
    [Fact]
    public void SaveHtml_RecordsOfEveryFormat_GiveAPageAndACard()
    {
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Formats"), "run.json", SearchOption.AllDirectories);

        Assert.Equal(Enumerable.Range(1, RunRecord.NewestFormat).Select(format => $"{format}"),
            files.Select(file => Directory.GetParent(file)!.Name));
        Assert.All(files, file =>
        {
            var record = RunRecord.Load(file);
            foreach (var (id, _, _) in Report.Sections)
                Assert.Single(Page(record).Descendants("section"), section => (string?)section.Attribute("id") == id);
            Assert.Contains(record.Best.Name, record.ToMarkdownCard());
        });
    }

    /// <summary>The README's example, with seconds in place of minutes.</summary>
    [Fact]
    public void Readme_Example_LeavesReportCardAndModel()
    {
        string[] files = ["report.html", "card.md", "best.model"];
        foreach (var file in files)
            File.Delete(file);
        var random = new Random(3);
        int[] users = [.. Enumerable.Range(0, 600).Select(row => row % 50)];
        int[] items = [.. users.Select(user => (user % 2 * 15) + random.Next(15))];
        var orders = Interactions.Create(
            IdMap.FromKeys(50), IdMap.FromKeys(30), users, items, timestamps: [.. Enumerable.Range(0, 600).Select(row => (long)row)]);

        Examples.ReadmeBlocks.Report(new MLContext().Recommenders(), orders, minutes: 0.02);

        Assert.All(files, file => Assert.True(new FileInfo(file).Length > 100, file));
        Assert.NotEmpty(RecommenderModel.Load("best.model").TopItems(RecommenderQuery.ForUser(1), 3));
        Assert.Contains("NDCG@12", File.ReadAllText("card.md"));
    }

    [Fact]
    public void Write_TenTrainersOfFortyTrials_HasAtMost5Megabytes()
    {
        var record = Records.Named("lists");
        var wals = record.Trainers.Single(trainer => trainer.Name == "wals");
        var map = wals.Map!;
        var trainers = Enumerable.Range(0, 10).Select(place => wals with
        {
            Name = $"wals {place}",
            Trials = [.. Enumerable.Range(0, 40).Select(trial => wals.Trials[trial % wals.Trials.Count] with { Trial = trial })],
            Map = new(
                Thousand(map.Items), Thousand(map.Groups), Thousand(map.X), Thousand(map.Y)),
        }).ToArray();
        var writer = new StringWriter();

        Report.Write(writer, record with { Trainers = trainers });

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(writer.ToString()), 3_000_000, 5_000_000);

        static T[] Thousand<T>(IReadOnlyList<T> values) => [.. Enumerable.Range(0, 1000).Select(place => values[place % values.Count])];
    }

    /// <summary>The page without scripts and style: what is left is well-formed XML.</summary>
    private static XDocument Page(RunRecord record)
    {
        var writer = new StringWriter();
        Report.Write(writer, record);
        return XDocument.Parse(Code().Replace(writer.ToString(), "").Replace("<!DOCTYPE html>", ""));
    }

    [GeneratedRegex("<(script|style)[^>]*>.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Code();
}
