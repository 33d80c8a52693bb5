using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Writes the lists of all users to a table.</summary>
internal sealed class ExportListsVerb : ModelVerb
{
    /// <summary>Users that are asked for at once: enough for all cores, and little memory.</summary>
    private const int Batch = 4096;

    private readonly Option<string> _to = new("--to")
    {
        Description = "The file: .parquet, .csv, .tsv or .jsonl.",
        DefaultValueFactory = _ => "lists.parquet",
    };

    private readonly Option<int> _count = new("--count", "-n") { Description = "Length of the lists.", DefaultValueFactory = _ => 10 };

    public ExportListsVerb()
        : base("parquet", "Write the list of each user to a table: user, rank, item, score.",
            "mlrec export parquet best.model", "mlrec export parquet best.model --to lists.csv --count 20")
    {
        Add(_to);
        Add(_count);
    }

    protected override async Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var (path, count) = (arguments.GetValue(_to)!, arguments.GetValue(_count));
        TableFile.Check(path);
        if (model.Users.Count == 0)
            throw new InvalidDataException(
                "The model was saved without users, so there are no lists to write; export its vectors, or serve it.");
        var written = 0;
        await ProgressBars.ShowAsync(arguments.GetValue(Quiet), bars =>
        {
            bars.Begin(path);
            TableFile.Write(path, "\"user\" VARCHAR, rank INTEGER, item VARCHAR, score FLOAT", appender =>
            {
                foreach (var users in Enumerable.Range(0, model.Users.Count).Chunk(Batch))
                {
                    cancellation.ThrowIfCancellationRequested();
                    var lists = model.TopItems(users, count);
                    for (int list = 0; list < users.Length; list++)
                        for (int place = 0; place < lists.Items(list).Length; place++, written++)
                            appender.CreateRow().AppendValue(model.Users.GetText(users[list])).AppendValue(place + 1)
                                .AppendValue(model.Items.GetText(lists.Items(list)[place])).AppendValue(lists.Scores(list)[place]).EndRow();
                    bars.Report((double)users[^1] / model.Users.Count);
                }
            });
            return Task.FromResult(written);
        });
        return new(
            FormattableString.Invariant($"{path} holds {written:N0} rows: lists of {count} for {model.Users.Count:N0} users."),
            new { File = path, Rows = written, Users = model.Users.Count });
    }
}
