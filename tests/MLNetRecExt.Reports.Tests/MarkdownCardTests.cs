namespace MLNetRecExt.Reports.Tests;

/// <summary>The card of the best model.</summary>
public sealed class MarkdownCardTests
{
    public static TheoryData<string> Names => Records.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void ToMarkdownCard_AnyRecord_TablesHaveEvenRows(string name)
    {
        var blocks = Records.Named(name).ToMarkdownCard().Split("\n\n").Where(block => block.StartsWith('|'));

        Assert.NotEmpty(blocks);
        // A pipe of a text is escaped, and does not divide.
        Assert.All(blocks, block => Assert.Single(block.TrimEnd().Split('\n').Select(Cells).Distinct()));

        static int Cells(string row) => row.Replace(@"\|", "").Count(letter => letter == '|');
    }

    [Fact]
    public void ToMarkdownCard_SeveralTrainers_NamesWinnerMetricsAndOptions()
    {
        var record = Records.Named("lists");

        var card = record.ToMarkdownCard();

        Assert.StartsWith($"# {record.Best.Name} ({record.Best.Trainer})\n", card);
        Assert.All(record.Best.Metrics, metric => Assert.Contains($"| {metric.Name} | ", card));
        Assert.All(record.Best.Options.Keys, option => Assert.Contains($"| {option} | ", card));
    }

    [Fact]
    public void ToMarkdownCard_TextsOfOthers_FormatNothing()
    {
        var card = Records.Named("hostile").ToMarkdownCard();

        Assert.DoesNotContain("<", card.Replace(@"\<", ""));
        Assert.DoesNotContain("`", card.Replace(@"\`", ""));
        Assert.DoesNotContain("](", card.Replace(@"\](", ""));
        Assert.DoesNotContain('\u2028', card);
    }
}
