namespace MLNetRecExt.Fuzz;

/// <summary>Files of sample models, made when they are first asked for.</summary>
internal sealed class SampleFiles
{
    private const int Variants = 12;

    private readonly Dictionary<(string Kind, int Variant), SealedFile> _files = [];

    /// <summary>A file of any kind.</summary>
    /// <param name="random">Chooses.</param>
    /// <param name="pipelinesEvery">Of so many that hold an ML.NET pipeline, one is taken: they load slowly.</param>
    public (string Kind, SealedFile File) Pick(Random random, int pipelinesEvery = 1)
    {
        var kind = SampleModels.Kinds[random.Next(SampleModels.Kinds.Count)];
        if (kind == "Ranked" && random.Next(pipelinesEvery) > 0)
            kind = "Reranked";
        return (kind, Of(kind, random));
    }

    /// <summary>A file of one kind.</summary>
    public SealedFile Of(string kind, Random random)
    {
        var variant = random.Next(Variants);
        if (!_files.TryGetValue((kind, variant), out var file))
            _files[(kind, variant)] = file = new(SampleModels.Bytes(SampleModels.Make(kind, variant)));
        return file;
    }
}
