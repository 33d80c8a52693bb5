using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>What <see cref="RecommenderTransformer{TModel}"/> reads and writes.</summary>
/// <param name="User">User column.</param>
/// <param name="Item">Item column.</param>
/// <param name="Score">Score column to append.</param>
/// <param name="Reason">Reason column to append, or null for none.</param>
/// <param name="Fallback">What an unknown user or item gets.</param>
internal sealed record ScoreColumns(string User, string Item, string Score, string? Reason, RecommendationFallback Fallback)
{
    public IEnumerable<DataViewSchema.DetachedColumn> Appended()
    {
        // What ML.NET's evaluators look for; the same as its own matrix factorization says of its scores.
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("ScoreColumnKind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> kind) => kind = "Regression".AsMemory());
        annotations.Add("ScoreValueKind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> kind) => kind = "Score".AsMemory());
        yield return new(Score, NumberDataViewType.Single, annotations.ToAnnotations());
        if (Reason is not null)
            yield return new(Reason, TextDataViewType.Instance);
    }
}
