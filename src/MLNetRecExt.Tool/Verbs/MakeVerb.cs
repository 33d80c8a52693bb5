using System.CommandLine;
using Compare;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Makes up interactions.</summary>
internal sealed class MakeVerb : Verb
{
    private readonly Option<string> _to = new("--to")
    {
        Description = "The folder that gets ratings.csv and items.csv.",
        DefaultValueFactory = _ => ".",
    };

    private readonly Option<int> _users = new("--users")
    {
        Description = $"How many users, 1 to {SyntheticData.UserCount}.",
        DefaultValueFactory = _ => 1000,
    };

    private readonly Option<int> _seed = new("--seed") { Description = "Same seed, same files.", DefaultValueFactory = _ => 42 };
    private readonly Option<bool> _force = new("--force") { Description = "Replace files that are there." };

    public MakeVerb()
        : base("make", "Make up the interactions of a film club, to try things with: nobody's data.",
            "mlrec data make", "mlrec data make --users 200 --to club")
    {
        _users.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > SyntheticData.UserCount)
                result.AddError($"--users must be 1 to {SyntheticData.UserCount}.");
        });
        foreach (var option in new Option[] { _to, _users, _seed, _force })
            Add(option);
    }

    protected override async Task<Answer> AnswerAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var (folder, users) = (arguments.GetValue(_to)!, arguments.GetValue(_users));
        string[] files = [Path.Combine(folder, MadeUpFiles.Ratings), Path.Combine(folder, MadeUpFiles.Items)];
        if (!arguments.GetValue(_force))
            InteractionFile.RefuseToReplace(files);
        var (interactions, items) = await ProgressBars.ShowAsync(arguments.GetValue(Quiet), bars =>
        {
            bars.Begin("make");
            return Task.FromResult(MadeUpFiles.Write(folder, users, arguments.GetValue(_seed)));
        });
        return new(
            FormattableString.Invariant($"{files[0]} has {interactions:N0} interactions of {users:N0} users, ")
            + FormattableString.Invariant($"{files[1]} has {items:N0} films. Next: mlrec init {files[0]}"),
            new { Files = files, Interactions = interactions, Users = users, Items = items });
    }
}
