using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetRecExt;

/// <summary>First mapping of a saved pipeline: says whether the row must bring the state, and makes empty columns for inputs that the user
/// does not have.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedStateAsk : CustomMappingFactory<SavedStateAsk.Source, SavedStateAsk.Result>
{
    public const string Contract = "MLNetRecExt.SavedStateAsk";

    /// <summary>Values of <see cref="SavedColumns.Ask"/>.</summary>
    public const string Yes = "yes", No = "no";

    public override Action<Source, Result> GetMapping()
    {
        var slot = SavedSlot.New(out var token);
        return (_, result) =>
        {
            result.Model = token.AsMemory();
            result.Ask = (slot.MustFill() ? Yes : No).AsMemory();
        };
    }

    internal sealed class Source
    {
    }

    internal sealed class Result
    {
        [ColumnName(SavedColumns.Model)]
        public ReadOnlyMemory<char> Model { get; set; }

        [ColumnName(SavedColumns.Ask)]
        public ReadOnlyMemory<char> Ask { get; set; }

        [ColumnName(SavedColumns.NoKey)]
        public uint NoKey { get; set; }

        [ColumnName(SavedColumns.NoText)]
        public ReadOnlyMemory<char> NoText { get; set; }

        [ColumnName(SavedColumns.NoKeys)]
        public VBuffer<uint> NoKeys { get; set; }

        [ColumnName(SavedColumns.NoTexts)]
        public VBuffer<ReadOnlyMemory<char>> NoTexts { get; set; }

        [ColumnName(SavedColumns.NoNumbers)]
        public VBuffer<float> NoNumbers { get; set; }
    }
}
