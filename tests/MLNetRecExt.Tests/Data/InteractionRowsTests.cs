using Microsoft.ML;
using MLNetRecExt.Persistence;

namespace MLNetRecExt.Tests.Data;

public sealed class InteractionRowsTests
{
    public static TheoryData<bool, bool, bool> Parts => new()
    {
        { true, true, true },
        { true, false, false },
        { false, true, true },
        { false, false, false },
    };

    [Theory, MemberData(nameof(Parts))]
    public void Members_OutsideOfArrays_SayWhatTheySayInArrays(bool labels, bool weights, bool timestamps)
    {
        var data = RandomData(labels, weights, timestamps);
        var (rows, longRows) = (data.ByUser, LongRows.Of(data).ByUser);

        AssertSame(rows, longRows);
        Assert.Equal((long)rows.EntryCount, longRows.LongEntryCount);
        Assert.Equal(rows.Times, longRows.Times);
        Assert.Equal((rows.MeanLabel(), rows.LabelDeviation()), (longRows.MeanLabel(), longRows.LabelDeviation()));
        Assert.Equal((rows.LargestLabel, rows.LargestWeight, rows.LargestSum(3)), (longRows.LargestLabel, longRows.LargestWeight, longRows.LargestSum(3)));
        Assert.Equal(rows.CountColumns(data.Items.Count), longRows.CountColumns(data.Items.Count));
        Assert.Equal(data.ToString(), LongRows.Of(data).ToString());
    }

    [Theory, MemberData(nameof(Parts))]
    public void Transpose_OutsideOfArrays_IsThatOfArrays(bool labels, bool weights, bool timestamps)
    {
        var data = RandomData(labels, weights, timestamps);
        var order = Enumerable.Range(0, data.Users.Count).Reverse().ToArray();

        AssertSame(data.ByItem, LongRows.Of(data).ByItem);
        AssertSame(data.ByUser.Transpose(data.Items.Count, order), LongRows.Of(data.ByUser).Transpose(data.Items.Count, order));
    }

    [Theory, MemberData(nameof(Parts))]
    public void Only_OutsideOfArrays_KeepsTheSameOfTheOthers(bool labels, bool weights, bool timestamps)
    {
        var data = RandomData(labels, weights, timestamps);
        int[] users = [3, -1, 0, 7];
        var (kept, longKept) = (data.ByUser.Only(users, data.Items.Count), LongRows.Of(data.ByUser).Only(users, data.Items.Count));

        AssertSame(kept, longKept);
        Assert.Equal(kept.Removed!.Counts, longKept.Removed!.Counts);
        Assert.Equal(kept.Removed.LabelSums, longKept.Removed.LabelSums);
        Assert.Equal((kept.Times, kept.LabelDeviation(), kept.Removed.Entries), (longKept.Times, longKept.LabelDeviation(), longKept.Removed.Entries));
        AssertSame(kept, LongRows.Of(data.ByUser).Only(users, data.Items.Count));
    }

    [Fact]
    public void Offsets_OutsideOfArrays_AreRefusedWithWhatTakesThem()
    {
        var data = LongRows.Of(RandomData(true, true, true));

        Func<object>[] refused =
        [
            () => data.ByUser.Offsets.Length, () => data.ByUser.IndexArray,
            () => new MLContext(1).Recommenders().Splits.RandomPerUser(data, 0.2),
        ];

        foreach (var refuse in refused)
            Assert.Contains("Trainers.Wals and Popularity take them", Assert.Throws<NotSupportedException>(refuse).Message);
    }

    [Fact]
    public void Fit_OfATrainerThatNeedsArrays_IsThatOfTheRowsInMemory()
    {
        var data = RandomData(true, true, true);
        var trainer = new MLContext(1).Recommenders().Trainers.ItemKnn(new ItemKnnTrainer.Options());

        AssertSame(data.ByUser, LongRows.Of(data).InMemory().ByUser);
        Assert.Equal(trainer.Fit(data).TopItems(RecommenderQuery.ForUser(0), 9), trainer.Fit(LongRows.Of(data)).TopItems(RecommenderQuery.ForUser(0), 9));
    }

    [Fact]
    public void Fit_MoreThanArraysHold_IsRefusedInASentenceByWhoeverNeedsArrays()
    {
        var data = LongRows.TooManyOf(RandomData(false, false, false));
        var trainers = new MLContext(1).Recommenders().Trainers;
        RecommenderTrainer[] refusing =
        [
            trainers.Mean(new MeanTrainer.Options()), trainers.SgdMatrixFactorization(new SgdMatrixFactorizationTrainer.Options()),
            trainers.ItemKnn(new ItemKnnTrainer.Options()), trainers.UserKnn(new UserKnnTrainer.Options()),
            trainers.Ease(new EaseTrainer.Options()), trainers.NextItemEase(new NextItemEaseTrainer.Options()),
            trainers.SoftmaxDnn(new SoftmaxDnnTrainer.Options()), trainers.Blend([trainers.Wals(), trainers.Popularity()]),
            trainers.Staged([new(trainers.Wals()), new(trainers.Popularity())]),
        ];

        foreach (var trainer in refusing)
        {
            var message = Assert.Throws<NotSupportedException>(() => trainer.Fit(data)).Message;

            Assert.Contains("3,000,000,000 interactions", message);
            Assert.Contains("Trainers.Wals and Popularity take them", message);
            Assert.DoesNotContain("InMemory", message);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReadRows_OutsideOfArrays_GivesThemBack(bool isLarge)
    {
        foreach (var (labels, weights, timestamps) in new[] { (true, true, true), (false, false, false) })
        {
            var data = RandomData(labels, weights, timestamps, users: isLarge ? 3000 : 12);
            var bytes = new MemoryStream();
            var writer = new ModelWriter(bytes) { MostInArrays = -1 };
            writer.WriteRows(LongRows.Of(data.ByUser));
            writer.Flush();
            Assert.Equal(Written(data.ByUser), Written(LongRows.Of(data.ByUser)));

            foreach (var canSeek in new[] { true, false })
            {
                using var stream = canSeek ? new MemoryStream(bytes.ToArray()) : new OneWayStream(bytes.ToArray());
                var read = new ModelReader(stream) { PieceSize = 64 }.ReadRows(data.Users.Count, data.Items.Count);
                Assert.False(read.IsInArrays);
                AssertSame(data.ByUser, read);
            }
        }
    }

    [Fact]
    public void ReadRows_LongOffsetsThatFall_AreRefused()
    {
        var rows = LongRows.Of(RandomData(false, false, false).ByUser);
        var right = rows.Starts![3];
        foreach (var wrong in new[] { -1, right + 1000, long.MaxValue })
        {
            rows.Starts[3] = wrong;
            var bytes = new MemoryStream();
            var writer = new ModelWriter(bytes) { MostInArrays = -1 };
            writer.WriteRows(rows);
            writer.Flush();

            Assert.Throws<InvalidDataException>(() => new ModelReader(new MemoryStream(bytes.ToArray())).ReadRows(rows.RowCount, 17));
        }
    }

    private static byte[] Written(InteractionRows rows)
    {
        var bytes = new MemoryStream();
        var writer = new ModelWriter(bytes);
        writer.WriteRows(rows);
        writer.Flush();
        return bytes.ToArray();
    }

    private static void AssertSame(InteractionRows expected, InteractionRows actual)
    {
        Assert.Equal(
            (expected.RowCount, expected.HasLabels, expected.HasWeights, expected.HasTimestamps),
            (actual.RowCount, actual.HasLabels, actual.HasWeights, actual.HasTimestamps));
        for (int row = 0; row < expected.RowCount; row++)
        {
            Assert.Equal(expected.Indices(row), actual.Indices(row));
            Assert.Equal(expected.Labels(row), actual.Labels(row));
            Assert.Equal(expected.Weights(row), actual.Weights(row));
            Assert.Equal(expected.Timestamps(row), actual.Timestamps(row));
        }
    }

    private static Interactions RandomData(bool labels, bool weights, bool timestamps, int users = 12)
    {
        var random = new Random(users);
        var builder = new InteractionsBuilder(labels, weights, timestamps);
        for (int user = 0; user < users; user++)
            for (int item = 0; item < 17; item++)
                if (random.Next(3) == 0)
                    builder.Add(user, item, random.Next(1, 6), random.NextSingle(), random.Next(1000));
        return builder.Build(IdMap.FromKeys(users), IdMap.FromKeys(17), DuplicateHandling.Last, default);
    }

    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
