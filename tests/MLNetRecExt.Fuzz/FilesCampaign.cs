namespace MLNetRecExt.Fuzz;

/// <summary>Damaged model files of every kind: each gives an <see cref="InvalidDataException"/>, or a model with the same bits.</summary>
internal sealed class FilesCampaign : ICampaign
{
    private readonly SampleFiles _samples = new();

    public string Try(Random random, int index)
    {
        if (index == 0)
            Corpus.Replay();
        var (kind, sample) = _samples.Pick(random);
        var other = random.Next(2) == 0 ? _samples.Of(kind, random) : _samples.Pick(random).File;
        var file = Mutation.Damage(sample.Bytes, other.Bytes, random);
        try
        {
            if (LoadedModel.Load(file) is not { } model)
                return "refused";
            // Bytes behind a model are no damage, and a splice may have put one file for the other.
            var answers = LoadedModel.Use(model);
            FuzzFailureException.Unless(
                answers.SequenceEqual(sample.Answers) || answers.SequenceEqual(other.Answers),
                "other model", () => $"a damaged {kind} gives another model");
            return "the same";
        }
        catch (Exception e)
        {
            throw FuzzFailureException.Of(kind, e, file);
        }
    }
}
