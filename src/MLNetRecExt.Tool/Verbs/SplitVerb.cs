using System.CommandLine;
using MLNetRecExt.Tool.Sources;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Cuts interactions into a part to learn from and one to test on.</summary>
internal sealed class SplitVerb : Verb
{
    private readonly Argument<string> _source = new("source")
    {
        Description = "A file of interactions, or a configuration (.json).",
        DefaultValueFactory = _ => ConfiguredExperiment.UsualPath,
    };

    private readonly Option<string?> _rule = new("--rule")
    {
        Description = "leave-last:1, random-per-user:0.2, time:0.8, users:0.1 or items:0.1; "
            + "else leave-last:1 where there are times, and random-per-user:0.2 where not.",
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Seed of what is drawn.", DefaultValueFactory = _ => 42 };

    private readonly Option<string> _train = new("--train")
    {
        Description = "The part to learn from: .csv, .tsv, .jsonl or .parquet.",
        DefaultValueFactory = _ => "train.csv",
    };

    private readonly Option<string> _test = new("--test")
    {
        Description = "The part to test on.",
        DefaultValueFactory = _ => "test.csv",
    };

    private readonly Option<string> _foldIn = new("--fold-in")
    {
        Description = "Of users:0.1 alone, what is known of the users to test on.",
        DefaultValueFactory = _ => "fold-in.csv",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace files that are there." };

    public SplitVerb()
        : base("split", "Write the part to learn from and the part to test on to files.",
            "mlrec data split ratings.csv", "mlrec data split ratings.csv --rule time:0.9 --train train.parquet --test test.parquet")
    {
        Add(_source);
        foreach (var option in new Option[] { _rule, _seed, _train, _test, _foldIn, _force })
            Add(option);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var given = arguments.GetValue(_rule) is { } text ? SplitRule.Parse(text) : null;
        var source = await InteractionSource.OpenAsync(arguments.GetValue(_source)!, cancellation);
        string[] files = [arguments.GetValue(_train)!, arguments.GetValue(_test)!, arguments.GetValue(_foldIn)!];
        foreach (var file in files)
            TableFile.Check(file);
        if (!arguments.GetValue(_force))
            InteractionFile.RefuseToReplace(files[..(given?.HoldsOutUsers == true ? 3 : 2)]);
        return await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(source.Name);
            var data = await source.ReadAsync(null, cancellation);
            var rule = given ?? ConfiguredExperiment.UsualRule(data);
            var split = rule.Apply(data, arguments.GetValue(_seed));
            var parts = files.Zip(new[] { split.Train, split.Test, split.FoldIn }).Where(part => part.Second is not null)
                .Select(part => (File: part.First, Part: part.Second!)).ToArray();
            var table = Columns.Of("file", ">interactions", ">users");
            foreach (var (file, part) in parts)
            {
                bars.Begin(file);
                InteractionFile.Write(file, part);
                table.Row(file, FormattableString.Invariant($"{part.Count:N0}"), FormattableString.Invariant($"{Users(part):N0}"));
            }
            var written = parts.Select(part => new { part.File, Interactions = part.Part.Count, Users = Users(part.Part) });
            return new Answer(table, new { Rule = $"{rule}", Files = written });
        });
    }

    private static int Users(Interactions part) => Enumerable.Range(0, part.ByUser.RowCount).Count(user => part.ByUser.Length(user) > 0);
}
