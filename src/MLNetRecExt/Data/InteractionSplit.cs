namespace MLNetRecExt;

/// <summary>A partition of interactions. An index means the same in each part.</summary>
public sealed class InteractionSplit
{
    internal InteractionSplit(Interactions data, ReadOnlySpan<SplitPart> parts)
    {
        Train = data.Where(parts, SplitPart.Train);
        Test = data.Where(parts, SplitPart.Test);
        FoldIn = parts.Contains(SplitPart.FoldIn) ? data.Where(parts, SplitPart.FoldIn) : null;
        (ColdUsers, ColdItems) = CountCold(data, parts);
    }

    internal InteractionSplit(Interactions train, Interactions test)
    {
        Train = train;
        Test = test;
        var itemsInTraining = train.ByUser.CountColumns(train.Items.Count);
        var itemsInTest = test.ByUser.CountColumns(test.Items.Count);
        ColdUsers = Enumerable.Range(0, test.Users.Count).Count(user => test.ByUser.Length(user) > 0 && (user >= train.Users.Count || train.ByUser.Length(user) == 0));
        ColdItems = Enumerable.Range(0, test.Items.Count).Count(item => itemsInTest[item] > 0 && (item >= train.Items.Count || itemsInTraining[item] == 0));
    }

    /// <summary>What to train on.</summary>
    public Interactions Train { get; }

    /// <summary>What to test on.</summary>
    public Interactions Test { get; }

    /// <summary>The known share of the history of users that training does not see; null when the split holds out no users.</summary>
    public Interactions? FoldIn { get; }

    /// <summary>Users in <see cref="Test"/> that occur neither in <see cref="Train"/> nor in <see cref="FoldIn"/>: no model can personalise
    /// for them.</summary>
    public int ColdUsers { get; }

    /// <summary>Items in <see cref="Test"/> that do not occur in <see cref="Train"/>: they count as misses.</summary>
    public int ColdItems { get; }

    /// <summary>
    /// The share of <see cref="Train"/> that is later than the median row of <see cref="Test"/>, 0…1. A split by time has none; in a
    /// random split about half is. What is later may tell a model what it is asked for: which items come into fashion, what others did
    /// next. Where this is much, judge by a split by time, too. 0 without timestamps.
    /// </summary>
    public double LaterTrainingShare => LaterRows.Share(Train, Test);

    internal static (int Users, int Items) CountCold(Interactions data, ReadOnlySpan<SplitPart> parts)
    {
        // Per user and item: 1 known, 2 tested, 3 both.
        var (users, items) = (new byte[data.Users.Count], new byte[data.Items.Count]);
        for (int user = 0; user < users.Length; user++)
        {
            var first = data.ByUser.Offsets[user];
            var own = data.ByUser.Indices(user);
            for (int e = 0; e < own.Length; e++)
            {
                var part = parts[first + e];
                users[user] |= (byte)(part == SplitPart.Test ? 2 : 1);
                items[own[e]] |= (byte)(part switch { SplitPart.Test => 2, SplitPart.Train => 1, _ => 0 });
            }
        }
        return (users.AsSpan().Count((byte)2), items.AsSpan().Count((byte)2));
    }
}
