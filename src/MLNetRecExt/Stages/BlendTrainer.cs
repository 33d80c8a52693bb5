using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>
/// Several trainers, whose models' scores are added up with weights that are found on interactions held back. Models of different kinds
/// err differently, so that their blend often ranks better than the best of them.
/// </summary>
/// <remarks>
/// <para>
/// <code>
/// score_ui = Σ_m w_m (s_mui − l_mu) / d_mu
/// </code></para>
/// <list type="bullet">
/// <item>s_mui: the score that model m gives the item, where the item is among the model's best for the user
/// (<see cref="Options.NumberOfCandidates"/>); else the model adds nothing.</item>
/// <item>l_mu, d_mu: the lowest score in that list, and the standard deviation of its scores.</item>
/// <item>w_m: chosen by NDCG@20 on the part held back. Starting with the best model alone, the model that helps most is added twenty times,
/// each possibly again; then each weight is tried larger, smaller and 0.</item>
/// </list>
/// <para>A share of each user's interactions is held back (<see cref="Options.ValidationShare"/>), unless <c>Fit</c> is given a validation
/// part: the trainers are fitted on the rest, the weights found, and the trainers fitted again on everything with these weights. With a
/// validation part nothing is fitted again. A trainer whose weight is 0 is left out. Where blending gains less than 0.5 % over the best
/// model alone, that model stands alone. What each gave alone, and the weights, are logged.</para>
/// <para>Held back are random interactions of each user. Where order matters, as when lists are judged on what came later, give a
/// validation part that is later: <c>Splits.LeaveLast</c> or <c>Splits.ByTime</c>.</para>
/// <para>Memory: that of all members together; (8·m + 4·m²)·n·u bytes for the lists that weights are found on, of m members, n items each
/// and u users, 5,000 at most; and a copy of the interactions.</para>
/// <para>| | |
/// |-|-|
/// | Columns in | users and items: key or raw ids; label, weight and timestamp as the members use them |
/// | Column out | <c>Score</c>: Single |
/// | Normalisation or caching of the input | not needed: the data is read once |
/// | Same result for any number of threads | yes, when the members keep to it; those of this package do |</para>
/// </remarks>
public sealed class BlendTrainer : RecommenderTrainer<FusedModel, BlendTrainer.Options>
{
    /// <summary>Options of <see cref="BlendTrainer"/>.</summary>
    public sealed class Options : RecommenderTrainerOptions
    {
        /// <summary>The trainers whose models are blended: 1 to 255. Their columns are not looked at: they learn from what this trainer has
        /// read.</summary>
        /// <value>Default empty, which the trainer refuses.</value>
        public RecommenderTrainer[] Members = [];

        /// <summary>Length of each model's list that is blended. A list of the blend holds no more than these.</summary>
        /// <value>Default 500; range [1, 100000].</value>
        [OptionRange(1, 100_000)]
        public int NumberOfCandidates = 500;

        /// <summary>Share of each user's interactions that weights are found on.</summary>
        /// <value>Default 0.1; range (0, 0.9].</value>
        [OptionRange(0, 0.9, MinExclusive = true)]
        public float ValidationShare = 0.1f;

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            ArgumentNullException.ThrowIfNull(Members);
            if (Members.Length is < 1 or > 255)
                throw new ArgumentException(
                    $"{nameof(Members)} has {Members.Length} trainers; 1 to 255 are needed, such as recommenders.Trainers.Wals().",
                    nameof(Members));
            if (Array.IndexOf(Members, null) is var missing and >= 0)
                throw new ArgumentException(
                    $"{nameof(Members)}[{missing}] is null; a trainer is needed, such as recommenders.Trainers.Wals().", nameof(Members));
        }

        /// <inheritdoc/>
        protected internal override RecommenderTrainerOptions Clone()
        {
            var copy = (Options)base.Clone();
            // Null is refused later, by name.
            copy.Members = Members is null ? null! : [.. Members];
            return copy;
        }
    }

    internal BlendTrainer(IHostEnvironment environment, Options options)
        : base(environment, options)
    {
    }

    /// <inheritdoc/>
    protected internal override (IdMap? Users, IdMap? Items) StartingIds(DataViewSchema schema) =>
        StagedTrainer.FirstIds(TrainerOptions.Members, schema);

    /// <inheritdoc/>
    protected override string MemoryRemedy =>
        $"Take fewer or smaller {nameof(Options.Members)} ({nameof(EstimateMemory)} of each says which is large), "
        + $"or lower {nameof(Options.NumberOfCandidates)} (now {TrainerOptions.NumberOfCandidates}).";

    /// <inheritdoc/>
    protected override long MemoryFor(Interactions trainData, Interactions? validationData)
    {
        Int128 learned = 0;
        foreach (var member in TrainerOptions.Members)
            learned += member.EstimateMemory(trainData);
        long members = TrainerOptions.Members.Length, users = Math.Min(trainData.Users.Count, BlendWeights.MostUsers);
        var lists = (8 * members + 4 * members * members) * users * Math.Min(TrainerOptions.NumberOfCandidates, trainData.Items.Count);
        return long.CreateSaturating(learned + lists + StagedTrainer.SplitMemory(trainData));
    }

    /// <inheritdoc/>
    protected override FusedModel Train(TrainingInput input)
    {
        var members = TrainerOptions.Members;
        if (input.Validation is { Count: > 0 } validation)
        {
            var models = Fit(members, input.Train);
            return Blend(models, Weights(models, validation, input));
        }
        var split = new InteractionSplit(
            input.Train, SplitRules.RandomPerUser(input.Train.ByUser, TrainerOptions.ValidationShare, TrainerOptions.Seed));
        if (split.Test.Count == 0)
        {
            input.Warn($"No user has an interaction to hold back ({nameof(Options.ValidationShare)} = {TrainerOptions.ValidationShare}): "
                + "there is nothing to find weights on, and all models count alike.");
            return Blend(Fit(members, input.Train), Array.ConvertAll(members, _ => 1.0));
        }
        var weights = Weights(Fit(members, split.Train), split.Test, input);
        var kept = members.Where((_, member) => weights[member] > 0).ToArray();
        return Blend(Fit(kept, input.Train), [.. weights.Where(weight => weight > 0)]);
    }

    private RecommenderModel[] Fit(RecommenderTrainer[] trainers, Interactions train) => Array.ConvertAll(trainers, trainer =>
    {
        TrainerOptions.CancellationToken.ThrowIfCancellationRequested();
        return trainer.Fit(train);
    });

    private double[] Weights(RecommenderModel[] models, Interactions heldOut, TrainingInput input)
    {
        var found = new BlendWeights(models, heldOut, TrainerOptions.NumberOfCandidates, TrainerOptions.Seed, new()
        {
            NumberOfThreads = TrainerOptions.NumberOfThreads,
            CancellationToken = TrainerOptions.CancellationToken,
        });
        for (int member = 0; member < models.Length; member++)
            input.Log(string.Create(CultureInfo.InvariantCulture,
                $"{models[member].GetType().Name}: NDCG@20 {found.Alone[member]:F4} alone, weight {found.Best[member]:F3}"));
        input.Log(string.Create(CultureInfo.InvariantCulture, $"Blend: NDCG@20 {found.BestNdcg:F4} on what was held back"));
        return found.Best;
    }

    private FusedModel Blend(RecommenderModel[] models, double[] weights) =>
        BlendWeights.Join(models, weights, TrainerOptions.NumberOfCandidates);
}
