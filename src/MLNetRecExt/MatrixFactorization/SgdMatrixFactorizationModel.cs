using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<SgdMatrixFactorizationModel>("SgdMatrixFactorization")]

namespace MLNetRecExt;

/// <summary>
/// What <see cref="SgdMatrixFactorizationTrainer"/> learns: an embedding, and a bias unless switched off, for each user and item.
/// </summary>
/// <remarks>
/// A history that comes with a query is folded in with the items fixed: for <see cref="SgdLoss.SquaredError"/> without non-negativity by
/// the exact minimiser of the objective, else by 30 passes of the trainer's own steps over the history, the same for the same history.
/// </remarks>
public sealed class SgdMatrixFactorizationModel : FactorModel, ISavedModel<SgdMatrixFactorizationModel>
{
    private readonly SgdSettings _settings;
    private readonly Lazy<FoldInProblem> _exact;
    private readonly Lazy<SgdFoldIn> _steps;

    internal SgdMatrixFactorizationModel(
        IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors, float mean, SgdSettings settings)
        : base(users, items, history, userFactors, itemFactors, settings.UseBiases, mean)
    {
        _settings = settings;
        _exact = new(() => new FoldInProblem(this, new WalsSettings(
            settings.Regularization, RegularizationExponent: 1, UnobservedWeight: 0, UnobservedPopularityExponent: 0,
            ConfidenceScale: 0, UserWeightExponent: 0, ItemWeightExponent: 0, WalsTarget.Label, settings.UseBiases)));
        _steps = new(() => new SgdFoldIn(this, settings));
    }

    /// <inheritdoc/>
    public override bool CanFoldIn => true;

    internal override long CacheSize => base.CacheSize + FoldInProblem.SizeOf(this);

    internal FoldInProblem? LeastSquares => _settings.Loss == SgdLoss.SquaredError && !_settings.NonNegative ? _exact.Value : null;

    static SgdMatrixFactorizationModel ISavedModel<SgdMatrixFactorizationModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var userFactors = reader.ReadMatrix(users.Count);
        var itemFactors = reader.ReadMatrix(items.Count);
        var mean = reader.ReadSingle();
        var settings = SgdSettings.Read(reader);
        return new SgdMatrixFactorizationModel(users, items, history, userFactors, itemFactors, mean, settings);
    }

    // State: user, item embeddings: matrix each, with biases two columns longer
    //        μ: float32
    //        loss, negatives, schedule, number of negatives: int32 each
    //        η, decay, λ: float32 each
    //        biases, non-negative: int32 each, 1 or 0; seed: int32
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        base.WriteState(writer);
        writer.WriteSingle(Mean);
        _settings.Write(writer);
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new SgdMatrixFactorizationModel(
        kept.Users, Items, kept.HistoryOf(this), kept.RowsOf(UserMatrix), ItemMatrix, Mean, _settings);

    /// <inheritdoc/>
    protected override void Embed(RecommenderQuery query, Span<float> embedding)
    {
        if (!query.ChangesHistory)
            UserMatrix[query.User].CopyTo(embedding);
        else if (LeastSquares is { } exact)
            exact.Solve(query, embedding);
        else
            _steps.Value.Solve(query, embedding);
    }
}
