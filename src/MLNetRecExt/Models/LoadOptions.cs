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
}
