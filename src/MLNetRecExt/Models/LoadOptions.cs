namespace MLNetRecExt;

/// <summary>What <see cref="RecommenderModel.Load(string, LoadOptions?)"/> takes from a file.</summary>
public sealed record LoadOptions
{
    /// <summary>Whether a model may hold an ML.NET pipeline, as the ranker of a <see cref="RankedModel"/> is, alone or within other
    /// stages.</summary>
    /// <value>Default false: such a model is refused, and the exception says so.</value>
    /// <remarks>A pipeline is read by <c>mlContext.Model.Load</c>, which loads the assemblies that the file names and runs code of theirs.
    /// Set it to true only for files that you, or somebody you trust, saved.</remarks>
    public bool AllowPipelines { get; init; }

    /// <summary>How many bytes of memory the model may take: what is read of the file, what is computed of that, and what the first answers
    /// compute and keep. A model that takes more is refused, before the memory is taken.</summary>
    /// <value>
    /// Default null: what the file could fill, and beyond it 64,000,000 bytes, or 8 times the bytes of the file where that is more;
    /// range [1, 1e15]. Of a stream that cannot seek the bytes read so far count. Where
    /// <c>AppContext.SetData("MLNetRecExt.MaxLoadMemory", bytes)</c>, a long, was called, it stands in for null, also for what
    /// <c>mlContext.Model.Load</c> reads.
    /// </value>
    /// <remarks>
    /// <para>Numbers, ids and interactions are read as far as the file has them. But a few bytes can say that there are 2³¹ − 1 items, keys
    /// without values, and many models in stages can be made of the same ones. So a good model needs a limit of its own where it has
    /// millions of such keys and few interactions: about 29 bytes per item, and 5 more for each model that stands within it.</para>
    /// <para>Not counted is what an answer takes while it is made, on each thread, and what ML.NET takes to load a pipeline, or to copy a
    /// model out of a zip of <c>mlContext.Model.Save</c>.</para>
    /// </remarks>
    [OptionRange(1, 1e15)]
    public long? MaxMemory { get; init; }
}
