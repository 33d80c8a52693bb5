using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// Any transformer with a score column, seen as a model: it scores one user with every item, row by row through <c>Transform</c>.
/// </summary>
internal sealed class TransformerModel : RecommenderModel
{
    private readonly ITransformer _transformer;
    private readonly string _scoreColumnName;
    private readonly CandidateView _candidates;

    public TransformerModel(
        ITransformer transformer, DataViewSchema inputSchema, InteractionColumns columns, string scoreColumnName, Interactions train)
        : base(train.Users, train.Items, train.ByUser)
    {
        _transformer = transformer;
        _scoreColumnName = scoreColumnName;
        _candidates = new CandidateView(inputSchema, columns, train.Users, train.Items);
        CheckScore(transformer.GetOutputSchema(inputSchema), scoreColumnName);
    }

    public override bool CanFoldIn => false;

    private protected override bool ScoresAllAtOnce => true;

    /// <exception cref="ArgumentException">There is no such column of scores.</exception>
    public static void CheckScore(DataViewSchema output, string scoreColumnName)
    {
        if (output.GetColumnOrNull(scoreColumnName) is not { } score)
            throw new ArgumentException(
                $"The transformer's output has no column '{scoreColumnName}'; "
                + $"it has {string.Join(", ", output.Select(column => column.Name))}.", nameof(scoreColumnName));
        if (score.Type != NumberDataViewType.Single)
            throw new ArgumentException(
                $"Column '{scoreColumnName}' is {score.Type}; a Single score, higher for better, is needed.", nameof(scoreColumnName));
    }

    /// <summary>Reads the score of each row, in order.</summary>
    /// <exception cref="InvalidOperationException">There are more or fewer rows.</exception>
    public static void ReadScores(IDataView scored, string scoreColumnName, Span<float> scores)
    {
        var column = scored.Schema[scoreColumnName];
        using var cursor = scored.GetRowCursorSet([column], 1)[0];
        var score = cursor.GetGetter<float>(column);
        var row = 0;
        for (; cursor.MoveNext(); row++)
        {
            if (row < scores.Length)
                score(ref scores[row]);
        }
        if (row != scores.Length)
            throw new InvalidOperationException(
                $"The transformer made {row} rows of {scores.Length}: one that filters rows cannot be a recommender.");
    }

    protected override float ScoreKnown(int user, int item)
    {
        var scores = new float[Items.Count];
        ScoreAllItems(RecommenderQuery.ForUser(user), scores);
        return scores[item];
    }

    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores) =>
        ReadScores(_transformer.Transform(_candidates.Of(query.User)), _scoreColumnName, scores);
}
