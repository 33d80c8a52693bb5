using System.CommandLine;

namespace MLNetRecExt.Tool.Verbs;

/// <summary>Prints what a model recommends.</summary>
internal sealed class RecommendVerb : ModelVerb
{
    private readonly Option<string?> _user = new("--user", "-u") { Description = "Id of a user." };
    private readonly Option<string[]> _history = new("--history")
    {
        Description = "Ids of items that somebody took, in place of a user.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _count = new("--count", "-n") { Description = "Length of the list.", DefaultValueFactory = _ => 10 };

    public RecommendVerb()
        : base("recommend", "Print what a model recommends to a user, or to who took some items.",
            "mlrec recommend best.model --user 42", "mlrec recommend best.model --history 50 181 --count 5")
    {
        Add(_user);
        Add(_history);
        Add(_count);
        Add(Configuration);
    }

    protected override Task<Answer> AnswerAsync(RecommenderModel model, ParseResult arguments, CancellationToken cancellation)
    {
        var (user, history) = (arguments.GetValue(_user), arguments.GetValue(_history) ?? []);
        if (user is null == (history.Length == 0))
            throw new ArgumentException("recommend needs either --user or --history.");
        var query = user is not null
            ? RecommenderQuery.ForUser(Find(model.Users, user, "user"))
            : RecommenderQuery.ForHistory(Array.ConvertAll(history, item => Find(model.Items, item, "item")));
        return Task.FromResult(List(model, model.TopItems(query, arguments.GetValue(_count)), arguments));
    }
}
