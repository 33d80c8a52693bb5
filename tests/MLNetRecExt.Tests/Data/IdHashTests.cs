using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Data;

public sealed class IdHashTests : IDisposable
{
    private const int Count = 80_000;

    private readonly TemporaryFiles _files = new();

    private sealed record Row(long User, long Item);

    public void Dispose() => _files.Dispose();

    public static TheoryData<string, Func<long, long>> Habits => new()
    {
        { "one after the other", i => i },
        { "two numbers in one", i => i << 32 | i },
        { "above 32 bits", i => i << 32 },
        { "in the highest bits", i => i << 47 },
        { "minus", i => -i },
        { "multiples of a table's size", i => i * 108_631 },
        { "whole numbers as double", i => BitConverter.DoubleToInt64Bits(i) },
    };

    [Theory, MemberData(nameof(Habits))]
    public void Of_IdsOfAnyHabit_ScattersThemLikeChance(string habit, Func<long, long> id)
    {
        const int Slots = 1 << 17;
        var hashes = Enumerable.Range(0, Count).Select(i => IdHash.Of((ulong)id(i))).ToArray();
        var codes = Enumerable.Range(0, Count).Select(i => IdHash.Comparer.GetHashCode(id(i))).ToHashSet();

        // By chance 0.75 pairs of 80,000 have equal codes.
        Assert.InRange(codes.Count, Count - 15, Count);
        // So many of n slots are taken by chance: n (1 − e^(−ids/n)), give or take 130.
        var expected = Slots * (1 - Math.Exp(-(double)Count / Slots));
        foreach (var shift in new[] { 0, 20, 47 })
        {
            var taken = hashes.Select(hash => hash >> shift & (Slots - 1)).Distinct().Count();
            Assert.True(Math.Abs(taken - expected) < 1000, $"{habit}, from bit {shift} on: {taken} of {expected:0}");
        }
    }

    [Fact]
    public void Read_IntegersThatDotNetHashesAlike_AreFoundInEveryMap()
    {
        var rows = Enumerable.Range(0, 5).Select(i => new Row((long)i << 32 | (uint)i, i)).ToArray();
        var ml = new MLContext(1);
        var data = ml.Recommenders().Data;
        var path = _files.Write("rows.csv", "User,Item\n" + string.Join("\n", rows.Select(row => $"{row.User},{row.Item}")));
        var file = new InteractionFileOptions { UserKind = DataKind.Int64, ItemKind = DataKind.Int64 };
        var view = ml.Data.LoadFromEnumerable(rows);
        var first = data.ReadInteractions(view);

        IdMap[] maps =
        [
            first.Users, first.Items, data.ReadInteractions(view, options: new() { IdsOf = first }).Users,
            data.ReadInteractions(path, file).Users, data.ReadInteractions(path, file, new() { IdsOf = first }).Users,
            IdMap.Index([.. rows.Select(row => row.User)], out _),
            IdMap.FromIntegers([.. rows.Select(row => row.User)], DataKind.Int64),
        ];

        foreach (var map in maps.Except([first.Items]))
            Assert.Equal(rows.Select((_, index) => index), rows.Select(row => map.IndexOf(row.User)));
    }
}
