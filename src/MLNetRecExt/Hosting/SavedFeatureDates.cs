using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetRecExt;

/// <summary>Dates as the days that features know them by, in a saved pipeline.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedFeatureDates : CustomMappingFactory<SavedFeatureDates.Source, SavedFeatureDates.Result>
{
    public const string Contract = "MLNetRecExt.SavedFeatureDates";

    public override Action<Source, Result> GetMapping() => static (source, result) =>
    {
        var days = source.Dates.DenseValues().Select(FeatureType.ToDays).ToArray();
        result.Days = new VBuffer<float>(days.Length, days);
    };

    internal sealed class Source
    {
        [ColumnName(SavedColumns.FeatureDates)]
        public VBuffer<DateTime> Dates { get; set; }
    }

    internal sealed class Result
    {
        [ColumnName(SavedColumns.FeatureDays)]
        public VBuffer<float> Days { get; set; }
    }
}
