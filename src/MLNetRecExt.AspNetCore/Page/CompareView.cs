namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Two recommenders side by side: the lists of one user, and how far they agree about many.</summary>
internal sealed class CompareView
{
    public RecommenderDesk? Left { get; private init; }

    public RecommenderDesk? Right { get; private init; }

    /// <summary>The user's id; null when nobody was asked for.</summary>
    public string? Id { get; private init; }

    public DeskList? LeftList { get; private init; }

    public DeskList? RightList { get; private init; }

    /// <summary>How far they agree; null where one of them has no model yet.</summary>
    public ListOverlap? Overlap { get; private init; }

    /// <summary>The share of each catalogue that lists of its users hold.</summary>
    public (ListSample Left, ListSample Right)? Samples { get; private init; }

    /// <summary>Number of items that the two lists of the user have in common.</summary>
    public int Common => LeftList is null || RightList is null ? 0 : LeftList.Lines.Count(line => IsIn(RightList, line));

    /// <summary>Whether a list holds the item of a line.</summary>
    public static bool IsIn(DeskList list, ListLine line) => list.Lines.Any(other => other.Item.Id == line.Item.Id);

    /// <summary>Asks both.</summary>
    /// <param name="request">Whom, and about which user. By default the first two that are registered.</param>
    /// <param name="surveys">Lists of many users.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<CompareView> ReadAsync(PageRequest request, ModelSurveys surveys, CancellationToken cancellationToken)
    {
        var left = request.Named("left") ?? request.Desks.FirstOrDefault();
        var right = request.Named("right") ?? request.Desks.FirstOrDefault(desk => desk != left);
        var id = request.Text("id");
        if (left?.Model is not { } leftModel || right?.Model is not { } rightModel)
            return new() { Left = left, Right = right, Id = id };
        return new()
        {
            Left = left,
            Right = right,
            Id = id,
            LeftList = id is null ? null : await AskAsync(left, leftModel, id, request.ListLength(left), cancellationToken),
            RightList = id is null ? null : await AskAsync(right, rightModel, id, request.ListLength(left), cancellationToken),
            Overlap = await surveys.OverlapAsync(leftModel, rightModel, cancellationToken),
            Samples = (await surveys.SampleAsync(leftModel, cancellationToken), await surveys.SampleAsync(rightModel, cancellationToken)),
        };
    }

    private static async Task<DeskList> AskAsync(
        RecommenderDesk desk, RecommenderModel model, string id, int count, CancellationToken cancellationToken)
    {
        var (since, _) = await desk.SinceTrainingAsync(id, model, cancellationToken);
        return DeskList.Ask(desk, model, RecommenderDesk.Query(model, id, since), count, desk.HasCatalogue);
    }
}
