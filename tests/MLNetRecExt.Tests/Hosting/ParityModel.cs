namespace MLNetRecExt.Tests;

/// <summary>A model whose scores are easy to foretell: 1 for the same parity, 0 otherwise, minus a little for higher items.</summary>
internal sealed class ParityModel(IdMap users, IdMap items) : RecommenderModel(users, items, Checkerboard.Interactions(users, items).ByUser)
{
    public override bool CanFoldIn => true;

    protected override float ScoreKnown(int user, int item) => ScoreFor(user % 2, item);

    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        // A history counts by its heaviest entry.
        var parity = query.History.IsEmpty ? query.User % 2 : query.History.ToArray().MaxBy(entry => entry.Label * entry.Weight).Item % 2;
        for (int item = 0; item < scores.Length; item++)
            scores[item] = ScoreFor(parity, item);
    }

    private static float ScoreFor(int parity, int item) => (item % 2 == parity ? 1 : 0) - item / 100f;
}
