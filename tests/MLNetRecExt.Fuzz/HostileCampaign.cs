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
        var file = sample.Change(_samples.Of(kind, random), random);
        try
        {
            if (LoadedModel.Load(file) is not { } model)
                return "refused";
            LoadedModel.SaveAgain(model, LoadedModel.Use(model));
        }
        catch (Exception e)
        {
            throw FuzzFailureException.Of(kind, e, file);
        }
        return "loaded";
    }
}
