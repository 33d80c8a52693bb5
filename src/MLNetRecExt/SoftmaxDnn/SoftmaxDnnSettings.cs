using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>What a <see cref="SoftmaxDnnModel"/> needs, beside its weights, to embed a query. Names as in
/// <see cref="SoftmaxDnnTrainer.Options"/>.</summary>
/// <param name="RecencyHalfLife">Entries after which the weight of a history entry is halved; 0: never.</param>
/// <param name="Temperature">What a cosine is divided by; 0: scores are plain dot products.</param>
/// <param name="SkipConnection">Whether what goes into the layers is added to what comes out.</param>
internal sealed record SoftmaxDnnSettings(float RecencyHalfLife, float Temperature, bool SkipConnection)
{
    public void Write(ModelWriter writer)
    {
        writer.WriteSingle(RecencyHalfLife);
        writer.WriteSingle(Temperature);
        writer.WriteByte(SkipConnection ? (byte)1 : (byte)0);
    }

    /// <exception cref="ArgumentException">No training can have had such options.</exception>
    public static SoftmaxDnnSettings Read(ModelReader reader)
    {
        var settings = new SoftmaxDnnSettings(reader.ReadSingle(), reader.ReadSingle(), reader.ReadByte() != 0);
        OptionChecker.CheckAs(settings, typeof(SoftmaxDnnTrainer.Options));
        return settings;
    }

    /// <summary>Shares of the mean: the weights, halved with age where they are, scaled to sum 1. Entries are in order of time, the latest
    /// last.</summary>
    public void ToShares(Span<float> weights)
    {
        if (RecencyHalfLife > 0)
            for (int i = 0; i < weights.Length; i++)
                weights[i] *= MathF.Pow(0.5f, (weights.Length - 1 - i) / RecencyHalfLife);
        double sum = 0;
        foreach (var weight in weights)
            sum += weight;
        for (int i = 0; i < weights.Length; i++)
            weights[i] = sum > 0 ? (float)(weights[i] / sum) : 1f / weights.Length;
    }
}
