using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetRecExt;

/// <summary>Middle mappings of a saved pipeline, one behind each part of the state: hand it on when the row brings it.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedStatePart : CustomMappingFactory<SavedStatePart.Source, SavedStatePart.Result>
{
    public const string Contract = "MLNetRecExt.SavedStatePart";

    public override Action<Source, Result> GetMapping()
    {
        // ML.NET is loading the pipeline, and has just read the part before this mapping.
        SavedPipeline.LetCopiesGo();
        return static (source, result) =>
        {
            // A row that does not bring the state has vectors without values.
            if (source.State.IsDense)
                SavedSlot.Of(source.Model).Add(source.State);
            source.State = default;
            result.Model = source.Model;
        };
    }

    internal sealed class Source
    {
        [ColumnName(SavedColumns.Model)]
        public ReadOnlyMemory<char> Model { get; set; }

        [ColumnName(SavedColumns.State)]
        public VBuffer<float> State { get; set; }
    }

    internal sealed class Result
    {
        [ColumnName(SavedColumns.Model)]
        public ReadOnlyMemory<char> Model { get; set; }
    }
}
