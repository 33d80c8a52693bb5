namespace MLNetRecExt;

/// <summary>What an exported ONNX graph takes and gives. N is the number of rows that are asked for at once.</summary>
/// <remarks>
/// Ids are text or Int64: text stays text, integers, Boolean (0 or 1) and keys without values (the 1-based key) are Int64,
/// <see cref="Microsoft.ML.Data.DataKind.UInt64"/> by its bits;
/// keys stand for the ids that they were made of, of another type by their invariant text.
/// The score of an item for a query is the dot product of the two embeddings that the graphs give; with biases these have two more columns.
/// </remarks>
public enum OnnxForm
{
    /// <summary>User ids (N×1) to their best items and the scores (N×k each). Needs as much memory as N × items scores.</summary>
    TopItemsForUser,

    /// <summary>Histories, N rows of item ids, and side features where users had such in training, to the best items and the scores (N×k
    /// each). Needs as much memory as N × items scores.</summary>
    TopItemsForHistory,

    /// <summary>User ids (N×1) to embeddings (N×K); zeros for an unknown user.</summary>
    UserEmbedding,

    /// <summary>Histories, N rows of item ids, and side features where users had such in training, to embeddings (N×K); zeros where no item
    /// and no feature is known.</summary>
    HistoryEmbedding,

    /// <summary>Item ids (N×1) to embeddings (N×K); zeros for an unknown item.</summary>
    ItemEmbedding,
}
