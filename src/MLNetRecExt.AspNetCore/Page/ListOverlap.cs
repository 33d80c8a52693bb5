namespace MLNetRecExt.AspNetCore.Page;

/// <summary>How far two models agree about the same users: how many items their top lists have in common.</summary>
/// <param name="UsersByCommonItems">Number of users by the number of common items, from none to all of the list.</param>
internal sealed record ListOverlap(IReadOnlyList<int> UsersByCommonItems)
{
    public const int MaxUsers = 200;

    public int Users => UsersByCommonItems.Sum();

    /// <summary>Mean number of common items; NaN without users.</summary>
    public double Mean => UsersByCommonItems.Select((users, common) => (double)users * common).Sum() / Users;

    /// <summary>Compares on users that both models know.</summary>
    public static ListOverlap Between(ListSample sample, RecommenderModel other, TimeProvider time, CancellationToken cancellationToken)
    {
        var both = new List<(int List, int User)>();
        for (int list = 0; list < sample.Lists.Count && both.Count < MaxUsers; list++)
            if (other.Users.IndexOf(sample.Model.Users.GetText(sample.Users.Span[list])) is var user && other.IsKnownUser(user))
                both.Add((list, user));
        var answers = ListSample.Answer(other, [.. both.Select(pair => pair.User)], time, cancellationToken);
        var counts = new int[ListSample.ListLength + 1];
        for (int place = 0; place < answers.Count; place++)
            counts[Common(sample.Model, sample.Lists[both[place].List], other, answers[place])]++;
        return new(counts);
    }

    /// <summary>Number of items that two lists have in common, by their ids.</summary>
    private static int Common(RecommenderModel model, int[] items, RecommenderModel other, int[] otherItems) =>
        items.Select(model.Items.GetText).Intersect(otherItems.Select(other.Items.GetText), StringComparer.Ordinal).Count();
}
