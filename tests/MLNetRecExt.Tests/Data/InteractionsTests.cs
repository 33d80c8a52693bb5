using Microsoft.ML.Data;

namespace MLNetRecExt.Tests.Data;

public class InteractionsTests
{
    private sealed record Row(int User, int Item, float Label, float Weight, long Time);

    public static TheoryData<DuplicateHandling, bool, int> Cases()
    {
        var cases = new TheoryData<DuplicateHandling, bool, int>();
        foreach (var duplicates in Enum.GetValues<DuplicateHandling>())
            foreach (var full in new[] { true, false })
                foreach (var rows in new[] { 0, 1, 50, 5000 })
                    cases.Add(duplicates, full, rows);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Create_RandomRows_EqualsTheStatedRule(DuplicateHandling duplicates, bool full, int count)
    {
        var (users, items) = (37, 53);
        var rows = RandomRows(users, items, count, seed: count + (int)duplicates);
        var expected = rows.GroupBy(row => (row.User, row.Item)).OrderBy(pair => pair.Key)
            .Select(pair => Merge([.. pair], duplicates, full)).ToArray();

        var data = Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items),
            Column(rows, r => r.User), Column(rows, r => r.Item),
            full ? Column(rows, r => r.Label) : default, full ? Column(rows, r => r.Weight) : default, full ? Column(rows, r => r.Time) : default, duplicates);

        Assert.Equal(expected, Entries(data, full));
        Assert.Equal(new InteractionCounts(count, Duplicates: count - expected.Length), data.Counts);
        AssertPadded(data.ByUser);
    }

    [Theory, MemberData(nameof(Cases))]
    public void ByItem_RandomRows_HoldsTheSameEntriesTransposed(DuplicateHandling duplicates, bool full, int count)
    {
        var (users, items) = (37, 53);
        var rows = RandomRows(users, items, count, seed: 7 * count + (int)duplicates);
        var data = Interactions.Create(IdMap.FromKeys(users), IdMap.FromKeys(items), Column(rows, r => r.User), Column(rows, r => r.Item),
            full ? Column(rows, r => r.Label) : default, full ? Column(rows, r => r.Weight) : default, duplicates: duplicates);
        var byItem = data.ByItem;

        Assert.Equal(items, byItem.RowCount);
        var transposed = from item in Enumerable.Range(0, items)
                         from e in Enumerable.Range(0, byItem.Length(item))
                         select (User: byItem.Indices(item)[e], item,
                             byItem.HasLabels ? byItem.Labels(item)[e] : 1, byItem.HasWeights ? byItem.Weights(item)[e] : 1);
        Assert.Equal(Entries(data, full).Select(row => (row.User, row.Item, row.Label, row.Weight)), transposed.OrderBy(e => e.User).ThenBy(e => e.item));
        for (int item = 0; item < items; item++)
            Assert.Equal(byItem.Indices(item).ToArray().Order(), byItem.Indices(item).ToArray());
        AssertPadded(byItem);
    }

    [Fact]
    public void Create_EveryLabelAndWeightOne_StoresNeither()
    {
        var data = Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(2), [0, 1], [1, 0], [1, 1], [1, 1]);

        Assert.False(data.ByUser.HasLabels);
        Assert.False(data.ByUser.HasWeights);
        Assert.True(data.ByUser.Labels(0).IsEmpty);
    }

    [Fact]
    public void Create_SumWithoutLabels_CountsOccurrences()
    {
        var data = Interactions.Create(IdMap.FromKeys(1), IdMap.FromKeys(2), [0, 0, 0], [1, 0, 1], duplicates: DuplicateHandling.Sum);

        Assert.Equal([1f, 2f], data.ByUser.Labels(0).ToArray());
    }

    [Theory]
    [InlineData(3e38f, 1f, "labels")]
    [InlineData(-3e38f, 1f, "labels")]
    [InlineData(1f, 3e38f, "weights")]
    public void Create_SumThatIsNotFinite_IsRefusedWithUserAndItem(float label, float weight, string what)
    {
        var (users, items) = (IdMap.FromText(["ann", "bob"]), IdMap.FromIntegers([70, 80, 90], DataKind.Int64));

        var error = Assert.Throws<InvalidDataException>(() => Create(DuplicateHandling.Sum, 2, 2, 2));

        Assert.StartsWith($"The {what} of user 'bob' and item '90' add up to", error.Message);
        Assert.Contains($"Scale the {what} down", error.Message);
        Assert.Equal(3, Create(DuplicateHandling.Sum, 2, 0, 2).Count);
        Assert.Equal(2, Create(DuplicateHandling.Last, 2, 2, 2).Count);
        Assert.Equal(2, Create(DuplicateHandling.Max, 2, 2, 2).Count);

        Interactions Create(DuplicateHandling duplicates, params int[] rowItems) => Interactions.Create(
            users, items, [0, 1, 1], rowItems, [label, label, label], [weight, weight, weight], duplicates: duplicates);
    }

    [Theory]
    [InlineData(2, 0, 1, 1, "userIndices[1] is 2")]
    [InlineData(-1, 0, 1, 1, "userIndices[1] is -1")]
    [InlineData(0, 3, 1, 1, "itemIndices[1] is 3")]
    [InlineData(0, 0, float.NaN, 1, "labels[1] is NaN")]
    [InlineData(0, 0, float.PositiveInfinity, 1, "labels[1] is Infinity")]
    [InlineData(0, 0, 1, -0.5f, "weights[1] is -0.5")]
    [InlineData(0, 0, 1, float.NaN, "weights[1] is NaN")]
    [InlineData(0, 0, 1, float.PositiveInfinity, "weights[1] is Infinity")]
    public void Create_BadRow_NamesPositionAndValue(int user, int item, float label, float weight, string message)
    {
        var error = Assert.Throws<ArgumentException>(() =>
            Interactions.Create(IdMap.FromKeys(2), IdMap.FromKeys(3), [0, user], [0, item], [1, label], [1, weight]));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Create_LengthsDiffer_NamesTheArray()
    {
        var (users, items) = (IdMap.FromKeys(2), IdMap.FromKeys(3));
        Assert.Equal("itemIndices", Assert.Throws<ArgumentException>(() => Interactions.Create(users, items, [0, 1], [0])).ParamName);
        Assert.Equal("labels", Assert.Throws<ArgumentException>(() => Interactions.Create(users, items, [0], [0], labels: [1, 2])).ParamName);
        Assert.Equal("weights", Assert.Throws<ArgumentException>(() => Interactions.Create(users, items, [0], [0], weights: [1, 2])).ParamName);
        Assert.Equal("timestamps", Assert.Throws<ArgumentException>(() => Interactions.Create(users, items, [0], [0], timestamps: [1, 2])).ParamName);
    }

    private static Row[] RandomRows(int users, int items, int count, int seed)
    {
        var random = new Random(seed);
        var rows = new Row[count];
        for (int r = 0; r < count; r++)
            rows[r] = new Row(random.Next(users), random.Next(items), random.Next(1, 6), random.Next(8) / 4f, random.Next(100));
        return rows;
    }

    // Small integers and quarters: sums are exact in any order.
    private static Row Merge(Row[] rows, DuplicateHandling duplicates, bool full)
    {
        if (!full)
            return rows[0] with { Label = duplicates == DuplicateHandling.Sum ? rows.Length : 1, Weight = 1, Time = 0 };
        return duplicates switch
        {
            DuplicateHandling.Last => rows[^1],
            DuplicateHandling.Max => rows.Last(row => row.Label == rows.Max(other => other.Label)),
            _ => rows[0] with { Label = rows.Sum(row => row.Label), Weight = rows.Sum(row => row.Weight), Time = rows.Max(row => row.Time) },
        };
    }

    private static IEnumerable<Row> Entries(Interactions data, bool full)
    {
        for (int user = 0; user < data.Users.Count; user++)
            for (int e = 0; e < data.ByUser.Length(user); e++)
                yield return new Row(user, data.ByUser.Indices(user)[e],
                    data.ByUser.HasLabels ? data.ByUser.Labels(user)[e] : 1,
                    data.ByUser.HasWeights ? data.ByUser.Weights(user)[e] : 1,
                    full && data.ByUser.HasTimestamps ? data.ByUser.Timestamps(user)[e] : 0);
    }

    private static void AssertPadded(InteractionRows rows)
    {
        var padding = new int[InteractionRows.Padding];
        Assert.Equal(padding, rows.IndexArray.AsSpan(rows.EntryCount, InteractionRows.Padding).ToArray());
        foreach (var values in new[] { rows.LabelArray, rows.WeightArray })
            if (values is not null)
                Assert.Equal(padding.Select(i => (float)i), values.AsSpan(rows.EntryCount, InteractionRows.Padding).ToArray());
    }

    private static T[] Column<T>(Row[] rows, Func<Row, T> get) => Array.ConvertAll(rows, row => get(row));
}
