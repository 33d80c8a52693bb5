using Microsoft.ML;
using MLNetRecExt;
using MLNetRecExt.Kernels;

namespace Outside;

/// <summary>An item's embedding is the sum of random signs that stand for its users; a user's is the sum of those of their items.</summary>
public sealed class RandomProjectionTrainer(MLContext mlContext, RandomProjectionTrainer.Options options)
    : RecommenderTrainer<RandomProjectionModel, RandomProjectionTrainer.Options>(mlContext, options)
{
    public sealed class Options : RecommenderTrainerOptions
    {
        [OptionRange(1, 1024)]
        public int ApproximationRank = 64;
    }

    protected override RandomProjectionModel Train(TrainingInput input)
    {
        var (train, random) = (input.Train, new Random(TrainerOptions.Seed));
        var signs = new AlignedMatrix(train.Users.Count, TrainerOptions.ApproximationRank);
        for (int user = 0; user < signs.Rows; user++)
            foreach (ref var sign in signs[user])
                sign = random.Next(2) == 0 ? -1 : 1;
        var items = Sums(train.ByItem, signs);
        return new(train.Users, train.Items, train.ByUser, Sums(train.ByUser, items), items);
    }

    private static AlignedMatrix Sums(InteractionRows rows, AlignedMatrix of)
    {
        var sums = new AlignedMatrix(rows.RowCount, of.Columns);
        for (int row = 0; row < rows.RowCount; row++)
            foreach (var index in rows.Indices(row))
                for (int k = 0; k < of.Columns; k++)
                    sums[row][k] += of[index][k];
        return sums;
    }
}
