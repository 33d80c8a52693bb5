using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetRecExt;

/// <summary>What <see cref="TopItemsTransformer"/> does, in a saved pipeline. Items leave as text; stock transformers give them their
/// type.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedTopItems : CustomMappingFactory<SavedTopItems.Source, SavedTopItems.Result>
{
    public const string Contract = "MLNetRecExt.SavedTopItems";

    public override Action<Source, Result> GetMapping() => static (source, result) =>
    {
        var state = SavedSlot.Of(source.Model).State;
        var (users, items) = (state.Model.Users, state.Model.Items);
        var history = items.IsKey
            ? Indices(source.HistoryKeys, key => items.IndexOfKeyOrText(key, default))
            : Indices(source.HistoryTexts, text => items.IndexOf(text.Span));
        var query = RecommenderQuery.ForUserOrNobody(
            users.IndexOfKeyOrText(source.UserKey, source.UserText.Span),
            HistoryColumns.Combine(history, Dense(source.HistoryLabels), Dense(source.HistoryWeights)));
        if (source.FeatureTexts.Length > 0 && FeatureColumns.Combine(Features(source, state.Model.Encoder)) is { } features)
            query = query.WithFeatures(features);

        var list = state.Model.TopItems([query], state.NumberOfItems, state.Candidates);
        result.Items = ToVector(list.Items(0), item => items.GetText(item).AsMemory());
        result.Scores = ToVector(list.Scores(0), score => score);
        result.Reason = list.Reason(0).ToString().AsMemory();
    };

    private static int[] Indices<T>(VBuffer<T> ids, Func<T, int> indexOf) => [.. ids.DenseValues().Select(indexOf)];

    /// <summary>Cuts what rows bring into features.</summary>
    private static IEnumerable<(string Name, string[] Categories, float[] Numbers)> Features(Source source, FeatureEncoder encoder)
    {
        var (texts, numbers) = (source.FeatureTexts.DenseValues().ToArray(), Dense(source.FeatureNumbers));
        var (text, number) = (0, 0);
        foreach (var feature in encoder.Columns)
        {
            var end = text;
            while (!texts[end].Span.SequenceEqual(source.Model.Span))
                end++;
            if (feature.Type.IsNumbers)
                yield return (feature.Name, [], numbers[number..(number += end - text)]);
            else
                yield return (feature.Name, [.. texts[text..end].Select(category => category.ToString()).Where(category => !string.IsNullOrWhiteSpace(category))], []);
            text = end + 1;
        }
    }

    private static float[] Dense(VBuffer<float> values) => [.. values.DenseValues()];

    private static VBuffer<TValue> ToVector<TSource, TValue>(ReadOnlySpan<TSource> source, Func<TSource, TValue> convert)
    {
        var values = new TValue[source.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = convert(source[i]);
        return new VBuffer<TValue>(values.Length, values);
    }

    internal sealed class Source
    {
        [ColumnName(SavedColumns.Model)]
        public ReadOnlyMemory<char> Model { get; set; }

        [ColumnName(SavedColumns.UserKey)]
        public uint UserKey { get; set; }

        [ColumnName(SavedColumns.UserText)]
        public ReadOnlyMemory<char> UserText { get; set; }

        [ColumnName(SavedColumns.HistoryKeys)]
        public VBuffer<uint> HistoryKeys { get; set; }

        [ColumnName(SavedColumns.HistoryTexts)]
        public VBuffer<ReadOnlyMemory<char>> HistoryTexts { get; set; }

        [ColumnName(SavedColumns.HistoryLabels)]
        public VBuffer<float> HistoryLabels { get; set; }

        [ColumnName(SavedColumns.HistoryWeights)]
        public VBuffer<float> HistoryWeights { get; set; }

        [ColumnName(SavedColumns.FeatureTexts)]
        public VBuffer<ReadOnlyMemory<char>> FeatureTexts { get; set; }

        [ColumnName(SavedColumns.FeatureNumbers)]
        public VBuffer<float> FeatureNumbers { get; set; }
    }

    internal sealed class Result
    {
        [ColumnName(SavedColumns.Items)]
        public VBuffer<ReadOnlyMemory<char>> Items { get; set; }

        [ColumnName(SavedColumns.Scores)]
        public VBuffer<float> Scores { get; set; }

        [ColumnName(SavedColumns.Reason)]
        public ReadOnlyMemory<char> Reason { get; set; }
    }
}
