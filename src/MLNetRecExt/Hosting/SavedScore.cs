using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetRecExt;

/// <summary>What <see cref="RecommenderTransformer{TModel}"/> does, in a saved pipeline.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedScore : CustomMappingFactory<SavedScore.Source, SavedScore.Result>
{
    public const string Contract = "MLNetRecExt.SavedScore";

    public override Action<Source, Result> GetMapping() => static (source, result) =>
    {
        var state = SavedSlot.Of(source.Model).State;
        var user = state.Model.Users.IndexOfKeyOrText(source.UserKey, source.UserText.Span);
        var item = state.Model.Items.IndexOfKeyOrText(source.ItemKey, source.ItemText.Span);
        result.Score = state.Model.ScoreOrFallback(user, item, state.Candidates.Fallback, out var reason);
        result.Reason = reason.ToString().AsMemory();
    };

    internal sealed class Source
    {
        [ColumnName(SavedColumns.Model)]
        public ReadOnlyMemory<char> Model { get; set; }

        [ColumnName(SavedColumns.UserKey)]
        public uint UserKey { get; set; }

        [ColumnName(SavedColumns.UserText)]
        public ReadOnlyMemory<char> UserText { get; set; }

        [ColumnName(SavedColumns.ItemKey)]
        public uint ItemKey { get; set; }

        [ColumnName(SavedColumns.ItemText)]
        public ReadOnlyMemory<char> ItemText { get; set; }
    }

    internal sealed class Result
    {
        [ColumnName(SavedColumns.Score)]
        public float Score { get; set; }

        [ColumnName(SavedColumns.Reason)]
        public ReadOnlyMemory<char> Reason { get; set; }
    }
}
