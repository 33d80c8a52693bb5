using System.CommandLine;
using MLNetRecExt.Tool.Sets;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Fetches a public set of ratings.</summary>
internal sealed class FetchVerb : Verb
{
    private readonly Argument<string> _set = new("set") { Description = "The set, of MovieLens." };
    private readonly Option<string?> _to = new("--to")
    {
        Description = "The folder that gets ratings.csv and items.csv; else one of the set's name.",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace files that are there." };

    public FetchVerb()
        : base("fetch", "Fetch a public set of ratings from GroupLens, check it, and write it as CSV.",
            "mlrec data fetch ml-100k", "mlrec data fetch ml-latest-small --to movies")
    {
        _set.AcceptOnlyFromAmong(GroupLens.Names);
        Add(_set);
        Add(_to);
        Add(_force);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var set = arguments.GetValue(_set)!;
        var folder = arguments.GetValue(_to) ?? set;
        string[] files = [Path.Combine(folder, MadeUpFiles.Ratings), Path.Combine(folder, MadeUpFiles.Items)];
        if (!arguments.GetValue(_force))
            InteractionFile.RefuseToReplace(files);
        var (ratings, items, notice) = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), async bars =>
        {
            bars.Begin(set);
            using var http = new HttpClient();
            return await new GroupLens(http, GroupLens.DefaultCacheFolder).GetAsync(set, bars, cancellation);
        });
        Directory.CreateDirectory(folder);
        File.Copy(ratings, files[0], overwrite: true);
        File.Copy(items, files[1], overwrite: true);
        return new(
            $"{notice}\n{files[0]} and {files[1]} are written. Next: mlrec init {files[0]}",
            new { Set = set, Files = files, Licence = notice });
    }
}
