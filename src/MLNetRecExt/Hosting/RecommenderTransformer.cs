using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Appends the model's score to rows with a user and an item.</summary>
/// <remarks>
/// <para>Columns read: user and item, keys or raw ids as in training. Columns appended: <c>Score</c> (Single), and a reason
/// (text: a name of <see cref="RecommendationReason"/>) when one is named.</para>
/// <para>An unknown user or item gets NaN, or, with <see cref="RecommendationFallback.Popularity"/>, the share of users that took
/// the item in training (0 for an item that nobody took).</para>
/// </remarks>
/// <typeparam name="TModel">The trained model.</typeparam>
public sealed class RecommenderTransformer<TModel> : ModelTransformer
    where TModel : RecommenderModel
{
    private readonly ScoreColumns _columns;

    internal RecommenderTransformer(IHostEnvironment environment, TModel model, ScoreColumns columns)
        : base(environment, model)
    {
        Model = model;
        _columns = columns;
    }

    /// <summary>The trained model.</summary>
    public new TModel Model { get; }

    private protected override AppendedColumns Append(DataViewSchema input)
    {
        var user = IdColumn.Find(input, _columns.User, Model.Users, "users");
        var item = IdColumn.Find(input, _columns.Item, Model.Items, "items");
        return new AppendedColumns(input, _columns.Appended(), [user.Column, item.Column], row =>
        {
            var (userIndex, itemIndex) = (user.Scalar(row), item.Scalar(row));
            ValueGetter<float> score = (ref float value) => value = Model.ScoreOrFallback(userIndex(), itemIndex(), _columns.Fallback, out _);
            ValueGetter<ReadOnlyMemory<char>> reason = (ref ReadOnlyMemory<char> value) =>
            {
                Model.ScoreOrFallback(userIndex(), itemIndex(), _columns.Fallback, out var why);
                value = why.ToString().AsMemory();
            };
            return _columns.Reason is null ? [score] : [score, reason];
        });
    }

    internal override ITransformer ToStock() => SavedPipeline.Score(Model, _columns);
}
