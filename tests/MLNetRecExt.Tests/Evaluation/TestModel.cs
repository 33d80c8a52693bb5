namespace MLNetRecExt.Tests.Evaluation;

/// <summary>A model whose scores are given, users × items; somebody unknown with a history gets row 0.</summary>
internal sealed class TestModel(Interactions train, float[,] scores) : RecommenderModel(train.Users, train.Items, train.ByUser)
{
    public override bool CanFoldIn => true;

    protected override float ScoreKnown(int user, int item) => scores[user, item];

    protected override void ScoreAllItems(RecommenderQuery query, Span<float> result)
    {
        for (int item = 0; item < result.Length; item++)
            result[item] = scores[IsKnownUser(query.User) ? query.User : 0, item];
    }

    /// <summary>Interactions without labels, one row of items per user.</summary>
    public static Interactions Rows(int items, params int[][] rows)
    {
        var builder = new InteractionsBuilder(hasLabels: false, hasWeights: false, hasTimestamps: false);
        for (int user = 0; user < rows.Length; user++)
            foreach (var item in rows[user])
                builder.Add(user, item);
        return builder.Build(IdMap.FromKeys(rows.Length), IdMap.FromKeys(items), DuplicateHandling.Last, default);
    }

    public static Interactions LabelledRows(int items, params (int Item, float Label)[][] rows)
    {
        var builder = new InteractionsBuilder(hasLabels: true, hasWeights: false, hasTimestamps: false);
        for (int user = 0; user < rows.Length; user++)
            foreach (var (item, label) in rows[user])
                builder.Add(user, item, label);
        return builder.Build(IdMap.FromKeys(rows.Length), IdMap.FromKeys(items), DuplicateHandling.Last, default);
    }

    /// <summary>A random world: training and held-out parts that do not overlap, and scores with many ties.</summary>
    public static (Interactions Train, Interactions HeldOut, float[,] Scores) Random(int seed, int users, int items)
    {
        var random = new Random(seed);
        var (train, heldOut, scores) = (new List<int>[users], new List<int>[users], new float[users, items]);
        for (int user = 0; user < users; user++)
        {
            (train[user], heldOut[user]) = ([], []);
            for (int item = 0; item < items; item++)
            {
                scores[user, item] = random.Next(6);
                var draw = random.NextDouble();
                if (draw < 0.15)
                    train[user].Add(item);
                else if (draw < 0.3 && user % 5 != 0)
                    heldOut[user].Add(item);
            }
        }
        return (Rows(items, Array.ConvertAll(train, row => row.ToArray())), Rows(items, Array.ConvertAll(heldOut, row => row.ToArray())), scores);
    }
}
