namespace MLNetRecExt.Fuzz;

/// <summary>Model files with right checksums and wrong contents, made by changing good ones: each is refused by an
/// <see cref="InvalidDataException"/>, or gives a model that scores, lists, folds in, explains and is saved.</summary>
internal sealed class HostileCampaign : ICampaign
{
    private const int PipelinesEvery = 4;

    private readonly SampleFiles _samples = new();

    public string Try(Random random, int index)
    {
        if (index == 0)
            Corpus.Replay();
        var (kind, sample) = _samples.Pick(random, PipelinesEvery);
        if (LoadedModel.Load(sample.Change(_samples.Of(kind, random), random)) is not { } model)
            return "refused";
        try
        {
            LoadedModel.SaveAgain(model, LoadedModel.Use(model));
        }
        catch (Exception e)
        {
            // The kind of the model tells failures apart.
            throw new FuzzFailureException($"{kind}: {(e as FuzzFailureException)?.Kind ?? e.GetType().Name}", e.Message, e);
        }
        return "loaded";
    }
}
