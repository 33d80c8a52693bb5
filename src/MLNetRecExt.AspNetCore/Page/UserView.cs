namespace MLNetRecExt.AspNetCore.Page;

/// <summary>A user: history, list with reasons, and what the list would be if they took more.</summary>
internal sealed class UserView
{
    public const int MaxHistory = 500;
    public const int MaxAdded = 20;

    private const int ShortHistory = 20;
    private const int Suggested = 6;
    private const int Listed = 200;

    private readonly RecommenderDesk _desk;
    private readonly int _shown;

    private UserView(RecommenderDesk desk, RecommenderModel model, PageRequest request)
    {
        (_desk, Model, Id) = (desk, model, request.Text("id"));
        _shown = request.Text("history") == "all" ? MaxHistory : ShortHistory;
        Added = [.. request.Texts("add", MaxAdded).Select(text => WhatIfItem.Find(desk, model, text)).DistinctBy(item => item.Item.Id)];
        InStockOnly = desk.HasCatalogue && request.Text("stock") != "all";
        var user = Id is null ? -1 : model.Users.IndexOf(Id);
        User = model.IsKnownUser(user) ? user : -1;
    }

    public RecommenderModel Model { get; }

    /// <summary>The id that was asked for; null for a visitor without one.</summary>
    public string? Id { get; }

    /// <summary>Index of the user; −1 where the model does not know them.</summary>
    public int User { get; }

    /// <summary>The items of the question "what if".</summary>
    public IReadOnlyList<WhatIfItem> Added { get; }

    public bool InStockOnly { get; }

    /// <summary>What they took, latest first, as far as it is shown.</summary>
    public IReadOnlyList<HistoryLine> History { get; private set; } = [];

    /// <summary>Length of the whole history.</summary>
    public int HistoryLength { get; private set; }

    /// <summary>Why nothing is known of what they took since training; null when all went well.</summary>
    public string? HistoryFailure { get; private set; }

    /// <summary>The list; null when nobody was asked for.</summary>
    public DeskList? List { get; private set; }

    /// <summary>The list without the items of the question "what if"; null without such.</summary>
    public DeskList? Before { get; private set; }

    /// <summary>Items that the question "what if" has driven from the list.</summary>
    public IEnumerable<CatalogueItem<string>> Gone =>
        Before is null || List is null
            ? []
            : Before.Lines.Select(line => line.Item).ExceptBy(List.Lines.Select(line => line.Item.Id), item => item.Id);

    /// <summary>Ids of some users, spread over those of training, to begin with.</summary>
    public IReadOnlyList<string> Suggestions => [.. Enumerable.Range(0, Suggested)
        .Select(place => (int)((long)place * Model.Users.Count / Suggested)).Distinct()
        .Where(Model.IsKnownUser).Select(Model.Users.GetText)];

    /// <summary>The most popular items, to choose from.</summary>
    public IEnumerable<CatalogueItem<string>> Choice =>
        Model.TopItems(RecommenderQuery.Nobody, Listed, new() { Fallback = RecommendationFallback.Popularity, NumberOfThreads = 1 })
            .Select(entry => _desk.Entry(Model, entry.Item));

    /// <summary>Finds a user and asks for their list.</summary>
    /// <param name="desk">Whom to ask.</param>
    /// <param name="model">Its model.</param>
    /// <param name="request">Who, and what they might take.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<UserView> ReadAsync(
        RecommenderDesk desk, RecommenderModel model, PageRequest request, CancellationToken cancellationToken)
    {
        var view = new UserView(desk, model, request);
        if (view.Id is not null || view.Added.Count > 0)
            await view.AskAsync(request.ListLength(desk), cancellationToken);
        return view;
    }

    /// <summary>Where an item stood before the question "what if"; null where it did not.</summary>
    public int? PlaceBefore(string item) => Before?.Lines.FirstOrDefault(line => line.Item.Id == item)?.Place;

    private async Task AskAsync(int count, CancellationToken cancellationToken)
    {
        IReadOnlyList<HistoryEntry<string>> since = [];
        if (Id is not null)
            (since, HistoryFailure) = await _desk.SinceTrainingAsync(Id, Model, cancellationToken);
        ReadHistory(since);
        var added = Added.Where(item => item.Index >= 0).Select(item => new HistoryEntry<string>(item.Item.Id));
        var query = RecommenderDesk.Query(Model, Id, [.. since, .. added]);
        List = DeskList.Ask(_desk, Model, query, count, InStockOnly).Explain(_desk, Model, query);
        if (Added.Count > 0)
            Before = DeskList.Ask(_desk, Model, RecommenderDesk.Query(Model, Id, since), count, InStockOnly);
    }

    // An entry that came after training replaces that of training on the same item.
    private void ReadHistory(IReadOnlyList<HistoryEntry<string>> since)
    {
        var lines = since.Reverse().DistinctBy(entry => entry.Item).Select(entry =>
            new HistoryLine(_desk.Entry(entry.Item) ?? new(entry.Item), entry.Timestamp, entry.Label, IsNew: true)).ToList();
        var newItems = lines.Select(line => line.Item.Id).ToHashSet(StringComparer.Ordinal);
        HistoryLength = lines.Count;
        if (User >= 0)
        {
            var items = Model.History.Indices(User);
            var labels = Model.History.Labels(User);
            var times = Model.History.Timestamps(User);
            var entries = new List<HistoryLine>(items.Length);
            for (int place = items.Length - 1; place >= 0; place--)
                if (!newItems.Contains(Model.Items.GetText(items[place])))
                    entries.Add(new(
                        _desk.Entry(Model, items[place]),
                        times.IsEmpty ? null : times[place],
                        labels.IsEmpty ? null : labels[place],
                        IsNew: false));
            HistoryLength += entries.Count;
            lines.AddRange(entries.OrderByDescending(line => line.Time ?? 0));
        }
        History = [.. lines.Take(_shown)];
    }
}
