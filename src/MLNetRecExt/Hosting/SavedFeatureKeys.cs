using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetRecExt;

/// <summary>Keys without <c>KeyValues</c> as the text that features know them by, in a saved pipeline: ML.NET itself turns such keys into
/// nothing else.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedFeatureKeys : CustomMappingFactory<SavedFeatureKeys.Source, SavedFeatureKeys.Result>
{
    public const string Contract = "MLNetRecExt.SavedFeatureKeys";

    public override Action<Source, Result> GetMapping() => static (source, result) =>
    {
        var texts = source.Keys.DenseValues().Select(key => (key == 0 ? "" : key.ToString(CultureInfo.InvariantCulture)).AsMemory()).ToArray();
        result.Texts = new VBuffer<ReadOnlyMemory<char>>(texts.Length, texts);
    };

    internal sealed class Source
    {
        [ColumnName(SavedColumns.FeatureKeys)]
        public VBuffer<uint> Keys { get; set; }
    }

    internal sealed class Result
    {
        [ColumnName(SavedColumns.FeatureText)]
        public VBuffer<ReadOnlyMemory<char>> Texts { get; set; }
    }
}
