namespace MLNetRecExt;

/// <summary>What a saved pipeline keeps of a transformer: its model, and how lists are made.</summary>
/// <param name="Model">The model.</param>
/// <param name="NumberOfItems">Length of a list; 0 for scores.</param>
/// <param name="Candidates">Filters and fallback; for scores only the fallback counts.</param>
internal sealed record SavedState(RecommenderModel Model, int NumberOfItems, TopItemsOptions Candidates)
{
    /// <summary>Raised when the layout below changes, or what the mappings do with it.</summary>
    private const int FormatVersion = 1;

    // Layout: int32 format version, int32 N, bool exclude seen, int32 fallback, allowed items, denied items, then the model in its native format.
    // A list of items: int32 count, or −1 for none, and that many int32.
    public void Write(Stream stream)
    {
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(FormatVersion);
            writer.Write(NumberOfItems);
            writer.Write(Candidates.ExcludeSeen);
            writer.Write((int)Candidates.Fallback);
            WriteItems(writer, Candidates.AllowItems);
            WriteItems(writer, Candidates.DenyItems);
        }
        Model.Save(stream);
    }

    /// <exception cref="InvalidDataException">The pipeline was saved by a newer version, or is damaged.</exception>
    public static SavedState Read(Stream stream)
    {
        int numberOfItems;
        TopItemsOptions candidates;
        using (var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            var version = reader.ReadInt32();
            if (version != FormatVersion)
                throw new InvalidDataException(
                    $"The recommender was saved in pipeline format {version}; this version of MLNetRecExt reads format {FormatVersion}. Load it with the version that saved it, or a newer one.");
            numberOfItems = reader.ReadInt32();
            candidates = new TopItemsOptions
            {
                ExcludeSeen = reader.ReadBoolean(),
                Fallback = (RecommendationFallback)reader.ReadInt32(),
                AllowItems = ReadItems(reader),
                DenyItems = ReadItems(reader),
                NumberOfThreads = 1,
            };
        }
        return new SavedState(RecommenderModel.Load(stream), numberOfItems, candidates);
    }

    private static void WriteItems(BinaryWriter writer, IReadOnlyCollection<int>? items)
    {
        writer.Write(items?.Count ?? -1);
        foreach (var item in items ?? [])
            writer.Write(item);
    }

    private static int[]? ReadItems(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count < 0)
            return null;
        var items = new int[count];
        for (int i = 0; i < count; i++)
            items[i] = reader.ReadInt32();
        return items;
    }
}
