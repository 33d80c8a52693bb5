namespace MLNetRecExt.AspNetCore.Page;

/// <summary>
/// The top lists of users of a model: of all, or of as many, spread evenly over the users, as the limits of number and time allow.
/// </summary>
internal sealed class ListSample
{
    public const int MaxUsers = 2_000;
    public const int ListLength = 10;

    private const int UsersAtOnce = 64;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private ListSample(RecommenderModel model, int[] users, IReadOnlyList<int[]> lists)
    {
        Model = model;
        Lists = lists;
        Users = users.AsMemory(0, lists.Count);
    }

    public RecommenderModel Model { get; }

    /// <summary>Indices of the users, in an order that says nothing.</summary>
    public ReadOnlyMemory<int> Users { get; }

    /// <summary>By user of <see cref="Users"/> the indices of the items, best first.</summary>
    public IReadOnlyList<int[]> Lists { get; }

    /// <summary>Whether these are all users of the model.</summary>
    public bool IsComplete => Lists.Count == Model.Users.Count;

    /// <summary>Number of different items in the lists.</summary>
    public int DistinctItems => Lists.SelectMany(list => list).Distinct().Count();

    /// <summary>Makes the lists of a sample of the known users.</summary>
    /// <param name="model">The model.</param>
    /// <param name="time">Tells when the time is over; the first block of users is answered in any case.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static ListSample Take(RecommenderModel model, TimeProvider time, CancellationToken cancellationToken)
    {
        var users = Spread(model);
        return new(model, users, Answer(model, users, time, cancellationToken));
    }

    /// <summary>The top lists of the first users, as far as one second reaches, on one thread: pages are served meanwhile.</summary>
    public static IReadOnlyList<int[]> Answer(RecommenderModel model, int[] users, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = new TopItemsOptions { NumberOfThreads = 1, CancellationToken = cancellationToken };
        var lists = new List<int[]>(users.Length);
        var start = time.GetTimestamp();
        while (lists.Count < users.Length && (lists.Count == 0 || time.GetElapsedTime(start) < MaxTime))
        {
            var answer = model.TopItems(users[lists.Count..Math.Min(users.Length, lists.Count + UsersAtOnce)], ListLength, options);
            for (int list = 0; list < answer.Count; list++)
                lists.Add(answer.Items(list).ToArray());
        }
        return lists;
    }

    /// <summary>The users whose list holds an item, with its place from 1, the best places first.</summary>
    public IReadOnlyList<(int User, int Place)> WhoGets(int item)
    {
        var found = new List<(int User, int Place)>();
        for (int list = 0; list < Lists.Count; list++)
            if (Array.IndexOf(Lists[list], item) is var place and >= 0)
                found.Add((Users.Span[list], place + 1));
        return [.. found.OrderBy(entry => entry.Place).ThenBy(entry => entry.User)];
    }

    // In mixed order, so that those whom the time reaches are spread as evenly.
    private static int[] Spread(RecommenderModel model)
    {
        var (all, size) = (model.Users.Count, Math.Min(model.Users.Count, MaxUsers));
        int[] users = [.. Enumerable.Range(0, size).Select(place => (int)((long)place * all / size)).Where(model.IsKnownUser)];
        new Random(1).Shuffle(users);
        return users;
    }
}
