using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>What a saved pipeline keeps of a transformer: its model, and how lists are made.</summary>
/// <param name="Model">The model.</param>
/// <param name="NumberOfItems">Length of a list; 0 for scores.</param>
/// <param name="Candidates">Filters and fallback; for scores only the fallback counts.</param>
internal sealed record SavedState(RecommenderModel Model, int NumberOfItems, TopItemsOptions Candidates)
{
    /// <summary>Raised when the layout below changes, or what the mappings do with it.</summary>
    private const int FormatVersion = 1;

    // Layout: int32 format version, int32 N, bool exclude seen, int32 fallback, items that pass alone, items that do not pass,
    // then the model in its native format.
    // A list of items: int32 count, or −1 for none, and that many int32.
    public void Write(Stream stream)
    {
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(FormatVersion);
            writer.Write(NumberOfItems);
            writer.Write(Candidates.ExcludeSeen);
            writer.Write((int)Candidates.Fallback);
            WriteItems(writer, Candidates.Filter is { IsOnly: true } only ? only.Items : null);
            WriteItems(writer, Candidates.Filter is { IsOnly: false } except ? except.Items : null);
        }
        Model.Save(stream);
    }

    /// <exception cref="InvalidDataException">The pipeline was saved by a newer version, is damaged or not complete.</exception>
    public static SavedState Read(Stream stream)
    {
        int numberOfItems;
        TopItemsOptions candidates;
        try
        {
            using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            (numberOfItems, candidates) = ReadHead(reader);
        }
        catch (EndOfStreamException)
        {
            throw ModelReader.EndsEarly();
        }
        // Who loads a pipeline by mlContext.Model.Load trusts it already, with all that it holds. Of memory the model takes what the bytes
        // here could fill and the usual more, or what the process allows; ML.NET has taken its own by then.
        return new SavedState(RecommenderModel.Load(stream, new LoadOptions { AllowPipelines = true }), numberOfItems, candidates);
    }

    /// <summary>Does before the first row what is done once.</summary>
    public void WarmUp()
    {
        // The threads that are saved are those of a row.
        if (NumberOfItems > 0)
            Model.WarmUp(Candidates with { NumberOfThreads = null });
    }

    private static (int NumberOfItems, TopItemsOptions Candidates) ReadHead(BinaryReader reader)
    {
        var version = reader.ReadInt32();
        if (version != FormatVersion)
            throw new InvalidDataException(
                $"The recommender was saved in pipeline format {version}; this version of MLNetRecExt reads format {FormatVersion}. "
                + "Load it with the version that saved it, or a newer one.");
        var numberOfItems = reader.ReadInt32();
        var candidates = new TopItemsOptions
        {
            ExcludeSeen = reader.ReadBoolean(),
            Fallback = (RecommendationFallback)reader.ReadInt32(),
            Filter = ReadFilter(reader),
            NumberOfThreads = 1,
        };
        return numberOfItems >= 0 && Enum.IsDefined(candidates.Fallback) ? (numberOfItems, candidates) : throw ModelReader.Damaged();
    }

    private static void WriteItems(BinaryWriter writer, int[]? items)
    {
        writer.Write(items?.Length ?? -1);
        foreach (var item in items ?? [])
            writer.Write(item);
    }

    private static ItemFilter? ReadFilter(BinaryReader reader)
    {
        try
        {
            var only = ReadItems(reader) is { } passing ? ItemFilter.Only(passing) : null;
            var except = ReadItems(reader) is { } denied ? ItemFilter.Except(denied) : null;
            return only is null || except is null ? only ?? except : only.And(except);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw ModelReader.Damaged();
        }
    }

    private static List<int>? ReadItems(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        if (count < 0)
            return null;
        // Grows by what is there: a count alone takes no memory.
        var items = new List<int>();
        while (items.Count < count)
            items.Add(reader.ReadInt32());
        return items;
    }
}
