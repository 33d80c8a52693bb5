namespace MLNetRecExt;

/// <summary>Keys of the metadata that an exported file has: what it is, and the names of its inputs and outputs by what they are.</summary>
internal static class OnnxMetadata
{
    public const string Form = "mlnetrecext.form";
    public const string Version = "mlnetrecext.version";
    public const string Training = "mlnetrecext.training";

    /// <summary>The last entry: see <see cref="OnnxChecksum"/>.</summary>
    public const string Checksum = "mlnetrecext.checksum";

    /// <summary>An item id that no item has.</summary>
    public const string Missing = "mlnetrecext.missing";

    public const string User = "mlnetrecext.user";
    public const string Item = "mlnetrecext.item";
    public const string History = "mlnetrecext.history";
    public const string HistoryLabels = "mlnetrecext.history.labels";
    public const string HistoryWeights = "mlnetrecext.history.weights";

    /// <summary>Before the name of each feature, which is also the input's; the value is what no category is.</summary>
    public const string Feature = "mlnetrecext.feature.";

    public const string Embedding = "mlnetrecext.embedding";
    public const string Items = "mlnetrecext.items";
    public const string Scores = "mlnetrecext.scores";

    /// <summary>What an input can be, beside a feature.</summary>
    public static readonly string[] Inputs = [User, Item, History, HistoryLabels, HistoryWeights];

    /// <summary>What an output can be.</summary>
    public static readonly string[] Outputs = [Embedding, Items, Scores];
}
