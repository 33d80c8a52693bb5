using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<WalsModel>("Wals")]

namespace MLNetRecExt;

/// <summary>
/// What <see cref="WalsTrainer"/> learns: an embedding for each user and item, and a bias where it is told to. A history that comes with a
/// query is folded in: its embedding and bias are the exact minimiser of the trainer's objective, items fixed.
/// </summary>
public sealed class WalsModel : FactorModel, ISavedModel<WalsModel>
{
    private readonly Lazy<FoldInProblem> _foldIn;

    private readonly ItemFeatureMap? _byFeatures;

    internal WalsModel(
        IdMap users, IdMap items, InteractionRows history, AlignedMatrix userFactors, AlignedMatrix itemFactors, WalsSettings settings,
        float mean = 0, ItemFeatureMap? byFeatures = null, AlignedMatrix? solvedItems = null)
        : base(users, items, history, userFactors, itemFactors, settings.UseBiases, mean)
    {
        SolvedItemMatrix = solvedItems ?? itemFactors;
        Settings = settings;
        _byFeatures = byFeatures;
        _foldIn = new(() => new FoldInProblem(this, Settings));
    }

    /// <inheritdoc/>
    public override bool CanFoldIn => true;

    /// <summary>Whether the model was trained with <see cref="WalsTrainer.Options.ItemFeatures"/>. A new item gets the embedding Wᵀ F_i of
    /// <see cref="WalsTrainer"/>, as an item of training that nobody took.</summary>
    public override bool CanAddItems => _byFeatures is not null;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ItemFeatureNames => _byFeatures?.Names ?? [];

    /// <summary>Whether the item is in range and was taken in training, or has an embedding by its features.</summary>
    public override bool IsKnownItem(int item) =>
        base.IsKnownItem(item) || ((uint)item < (uint)Items.Count && HasEmbedding(ItemMatrix, item));

    /// <summary>True: the users and items of new interactions are solved for exactly, the others stay. First the users, with the items as
    /// they are; then the items; then the users again, who so have the embedding that their histories fold in to.</summary>
    /// <remarks>μ stays as it is. An item of a training with <see cref="WalsTrainer.Options.ItemFeatures"/> that has new interactions is
    /// solved for by these and its old ones alone.</remarks>
    public override bool CanAppend => true;

    internal override long CacheSize => base.CacheSize + FoldInProblem.SizeOf(this);

    internal override AlignedMatrix SolvedItemMatrix { get; }

    internal WalsSettings Settings { get; }

    internal FoldInProblem LeastSquares => _foldIn.Value;

    static WalsModel ISavedModel<WalsModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var userFactors = reader.ReadMatrix(users.Count);
        var itemFactors = reader.ReadMatrix(items.Count);
        var mean = reader.ReadSingle();
        var settings = WalsSettings.Read(reader);
        var map = reader.Version > 3 && reader.ReadByte() == 1 ? ItemFeatureMap.Read(reader, itemFactors.Columns) : null;
        var solvedItems = settings.ItemSmoothing > 0 ? reader.ReadMatrix(items.Count) : null;
        if (solvedItems is not null && solvedItems.Columns != itemFactors.Columns)
            throw ModelReader.Damaged();
        return new WalsModel(users, items, history, userFactors, itemFactors, settings, mean, map, solvedItems);
    }

    // State: user, item embeddings: matrix each, with biases two columns longer
    //        μ: float32
    //        λ, ν, w0, a, α, user and item weight exponent: float32 each
    //        target: int32; biases: int32, 1 or 0; c: float32, none until version 4
    //        map from features to embeddings of items: byte, 1 or 0, none until version 3; then as ItemFeatureMap writes it
    //        where c > 0, item embeddings before they were smoothed: matrix
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        base.WriteState(writer);
        writer.WriteSingle(Mean);
        Settings.Write(writer);
        writer.WriteByte(_byFeatures is null ? (byte)0 : (byte)1);
        _byFeatures?.Write(writer);
        if (Settings.ItemSmoothing > 0)
            writer.WriteMatrix(SolvedItemMatrix);
    }

    /// <inheritdoc/>
    protected override RecommenderModel AddItems(NewItems added)
    {
        return new WalsModel(
            Users, added.Items, History, UserMatrix, Embedded(ItemMatrix), Settings, Mean, _byFeatures,
            Settings.ItemSmoothing > 0 ? Embedded(SolvedItemMatrix) : null);

        AlignedMatrix Embedded(AlignedMatrix known)
        {
            var items = known.Extend(added.Items.Count);
            _byFeatures!.Embed(added, items, HasBiases ? ApproximationRank : null);
            return items;
        }
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new WalsModel(
        kept.Users, Items, kept.HistoryOf(this), kept.RowsOf(UserMatrix), ItemMatrix, Settings, Mean, _byFeatures, SolvedItemMatrix);

    /// <summary>The embedding of somebody who was not in training, by what they took.</summary>
    /// <returns><see cref="FactorModel.ApproximationRank"/> values; zeros when no item of the history is known.</returns>
    /// <inheritdoc cref="FoldIn(RecommenderQuery)"/>
    public float[] FoldIn(ReadOnlyMemory<ItemFeedback> history) => FoldIn(RecommenderQuery.ForHistory(history));

    /// <summary>
    /// The embedding of a query, solved for exactly: from its history, joined for a known user with what training saw
    /// (a new entry replaces a trained one on the same item). Unknown items are left out; of several entries on one item the last counts.
    /// </summary>
    /// <returns><see cref="FactorModel.ApproximationRank"/> values; zeros when nothing is known about the query.</returns>
    /// <exception cref="ArgumentException">A label makes a weight negative by the trainer's confidence scale; or labels or weights are so
    /// large that scores are not finite: scale them as those of training.</exception>
    public float[] FoldIn(RecommenderQuery query)
    {
        var embedding = new float[ItemMatrix.Columns];
        LeastSquares.Solve(query, embedding);
        CheckEmbedding(query, embedding);
        return embedding[..ApproximationRank];
    }

    /// <summary>
    /// True: by what each item of the history adds, for the embedding that solves exactly for it (Hu, Koren, Volinsky 2008, section 5).
    /// </summary>
    /// <remarks>
    /// The score is then ⟨V_i, A⁻¹ Σ_j w_j A_j V_j⟩: a sum over the history, and the parts add up to the score of the item for
    /// <see cref="FoldIn(RecommenderQuery)"/>, less μ + b_i. With biases the sum is b_u + ⟨U_u, V_i⟩: the user's bias is one more factor,
    /// and μ + b_j comes off A_j. A user's trained embedding is that solution when <see cref="WalsSolver.Cholesky"/> trained it, and close
    /// to it otherwise.
    /// </remarks>
    public override bool CanExplain => true;

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item) => LeastSquares.Explain(query, item);

    /// <summary>Gives every user the embedding that the history of training folds in to.</summary>
    internal void FoldInUsers(ParallelOptions parallel) => Parallel.For(0, Users.Count, parallel, FoldInUser);

    private void FoldInUser(int user)
    {
        if (IsKnownUser(user))
            LeastSquares.Solve(RecommenderQuery.ForUser(user), UserMatrix[user]);
    }

    /// <inheritdoc/>
    protected override RecommenderModel TakeIn(AppendedInteractions appended, ParallelOptions parallel)
    {
        var all = appended.All;
        foreach (var user in appended.Users)
            foreach (var label in all.ByUser.Labels(user))
                Settings.CheckLabel(label);
        var plan = new WalsPlan(WalsSolver.Cholesky, ApproximationRank, Seed: 0, parallel.MaxDegreeOfParallelism, parallel.CancellationToken)
        {
            Mean = Mean,
        };
        var squares = new AlternatingLeastSquares(all.ByUser, all.Items.Count, Settings, plan);
        squares.StartFrom(this, all.Users.IndicesIn(Users, IsKnownUser), all.Items.IndicesIn(Items, IsKnownItem));
        squares.Solve(appended.Users, appended.Items);
        var users = UserMatrix.Extend(all.Users.Count);
        var items = Solved(ItemMatrix);
        var model = new WalsModel(
            all.Users, all.Items, all.ByUser, users, items, Settings, Mean, _byFeatures,
            Settings.ItemSmoothing > 0 ? Solved(SolvedItemMatrix) : null)
        {
            Recency = Recency,
        };
        Parallel.ForEach(appended.Users, parallel, model.FoldInUser);
        if (Settings.ItemSmoothing > 0)
            squares.Smooth(users, items, appended.Items.ToHashSet().Contains);
        return model;

        AlignedMatrix Solved(AlignedMatrix known)
        {
            var solved = known.Extend(all.Items.Count);
            foreach (var item in appended.Items)
                squares.ItemFactors.PaddedRow(item).CopyTo(solved.PaddedRow(item));
            return solved;
        }
    }

    /// <inheritdoc/>
    protected override void Embed(RecommenderQuery query, Span<float> embedding)
    {
        if (!query.ChangesHistory)
            UserMatrix[query.User].CopyTo(embedding);
        else
            LeastSquares.Solve(query, embedding);
    }
}
