using Microsoft.ML;

namespace MLNetRecExt.Fuzz;

/// <summary>Trainings with random options on small extreme data: finite scores for known pairs, the same bits for any number of threads,
/// or one of the documented exceptions; and options outside their ranges, each refused by its name.</summary>
internal sealed class OptionsCampaign : ICampaign
{
    // Those that take longest come seldom.
    private const int SoftmaxEvery = 10, BlendEvery = 30, StagedEvery = 60, OutsideEvery = 6;

    private static readonly int[] OtherThreads = [2, 3, 7];

    private readonly MLContext _ml = new(1);
    private readonly string[] _quick =
    [
        .. RandomOptions.Names.Except(
            [nameof(RecommenderTrainersCatalog.Staged), nameof(RecommenderTrainersCatalog.Blend), nameof(RecommenderTrainersCatalog.SoftmaxDnn)]),
    ];

    public string Try(Random random, int index)
    {
        var trainer = index % StagedEvery == 0 ? nameof(RecommenderTrainersCatalog.Staged)
            : index % BlendEvery == 0 ? nameof(RecommenderTrainersCatalog.Blend)
            : index % SoftmaxEvery == 0 ? nameof(RecommenderTrainersCatalog.SoftmaxDnn)
            : _quick[random.Next(_quick.Length)];
        if (MakeData(random) is not { } data)
            return "sums refused";
        var options = RandomOptions.Make(trainer, data, random);
        try
        {
            return index % OutsideEvery == 1 ? TryOutside(trainer, options, random) : TryFit(trainer, options, data, random);
        }
        catch (Exception e)
        {
            throw FuzzFailureException.Of(trainer, e);
        }
    }

    /// <summary>Data, or null where the sums of its duplicates are refused as promised.</summary>
    private static Interactions? MakeData(Random random)
    {
        try
        {
            return RandomData.Extreme(random);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private string TryOutside(string trainer, RecommenderTrainerOptions options, Random random)
    {
        var name = RandomOptions.PutOneOutside(options, random);
        try
        {
            RandomOptions.Create(trainer, options, _ml);
        }
        catch (ArgumentException e)
        {
            FuzzFailureException.Unless(e.ParamName == name, "other option named", () => $"{name} is outside its range: {e.Message}");
            return "outside, refused";
        }
        throw new FuzzFailureException("taken from outside", $"{name} = {options.GetType().GetField(name)!.GetValue(options)} was taken");
    }

    private string TryFit(string trainer, RecommenderTrainerOptions options, Interactions data, Random random)
    {
        var validation = random.Next(3) switch
        {
            0 => null,
            1 => Interactions.Create(data.Users, data.Items, [], []),
            _ => Interactions.Create(data.Users, data.Items, [random.Next(data.Users.Count)], [random.Next(data.Items.Count)], [3]),
        };
        var (model, thrown) = Fit(trainer, options, data, validation);
        var answers = model is null ? null : LoadedModel.Use(model);
        options.NumberOfThreads = OtherThreads[random.Next(OtherThreads.Length)];
        var (other, otherThrown) = Fit(trainer, options, data, validation);
        // More threads need more memory.
        if (otherThrown is InsufficientMemoryException)
            return $"refused by {nameof(InsufficientMemoryException)}";
        FuzzFailureException.Unless(thrown?.GetType() == otherThrown?.GetType(), "threads matter",
            () => $"{options.NumberOfThreads} threads: {otherThrown?.Message ?? "trained"}; one: {thrown?.Message ?? "trained"}");
        if (model is null)
            return $"refused by {thrown!.GetType().Name}";
        FuzzFailureException.Unless(answers!.SequenceEqual(LoadedModel.Use(other!)), "threads matter",
            () => $"other answers with {options.NumberOfThreads} threads");
        return "trained";
    }

    private (RecommenderModel? Model, Exception? Thrown) Fit(
        string trainer, RecommenderTrainerOptions options, Interactions data, Interactions? validation)
    {
        try
        {
            return (RandomOptions.Create(trainer, options, _ml).Fit(data, validation), null);
        }
        catch (Exception e)
        {
            FuzzFailureException.Unless(
                e, "at Fit", typeof(ArgumentException), typeof(InvalidOperationException), typeof(InsufficientMemoryException));
            return (null, e);
        }
    }
}
