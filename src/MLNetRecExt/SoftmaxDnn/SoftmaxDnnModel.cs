using System.Collections;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using MLNetRecExt;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<SoftmaxDnnModel>("SoftmaxDnn")]

namespace MLNetRecExt;

/// <summary>
/// What <see cref="SoftmaxDnnTrainer"/> learns: an embedding for each item, and a network that embeds a history and features. Known users
/// keep the
/// embedding of what they took in training and of their features; what comes with a query is embedded by the network.
/// </summary>
/// <remarks>A user with features is known without a history, and an item with features without having been taken. Such an item counts in a
/// history where an item's embedding is shared
/// (<see cref="SoftmaxDnnTrainer.Options.ShareItemEmbeddings"/>), and else adds nothing to it.</remarks>
public sealed class SoftmaxDnnModel : FactorModel, ISavedModel<SoftmaxDnnModel>
{
    /// <summary>The widest layer.</summary>
    internal const int MaxWidth = 4096;

    private const int UsersPerBatch = 64;

    private readonly BitArray _untakenItems;
    private readonly ItemFeatureTower? _itemTower;

    internal SoftmaxDnnModel(IdMap users, IdMap items, InteractionRows history, AlignedMatrix userEmbeddings, AlignedMatrix itemEmbeddings, QueryTower tower, SoftmaxDnnSettings settings,
        FeatureEncoder encoder, FeatureRows userFeatures, ItemFeatureTower? itemTower = null)
        : base(users, items, history, userEmbeddings, itemEmbeddings)
    {
        _itemTower = itemTower;
        Tower = tower;
        Settings = settings;
        Encoder = encoder;
        UserFeatures = userFeatures;
        _untakenItems = new(items.Count);
        for (int item = 0; item < items.Count; item++)
            _untakenItems[item] = ItemCountArray[item] == 0 && HasEmbedding(itemEmbeddings, item);
    }

    /// <inheritdoc/>
    public override bool CanFoldIn => true;

    /// <summary>Whether the model was trained with <see cref="SoftmaxDnnTrainer.Options.ItemFeatures"/>. A new item gets the sum of its
    /// features' embeddings, as an item of training that nobody took.</summary>
    public override bool CanAddItems => _itemTower is not null;

    /// <summary>Names of the features that users have, and that a query may bring by <see cref="RecommenderQuery.WithFeatures"/>.</summary>
    public IReadOnlyList<string> UserFeatureNames => Encoder.Names;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ItemFeatureNames => _itemTower?.Names ?? [];

    internal override FeatureEncoder Encoder { get; }

    internal FeatureRows UserFeatures { get; }

    internal QueryTower Tower { get; }

    internal SoftmaxDnnSettings Settings { get; }

    /// <summary>Embeds all known users by their histories and features.</summary>
    internal static AlignedMatrix EmbedUsers(
        InteractionRows history, FeatureRows features, QueryTower tower, SoftmaxDnnSettings settings, Recency recency, ParallelOptions parallel)
    {
        var halfLife = recency.HalfLifeIn(history);
        var users = new AlignedMatrix(history.RowCount, tower.Columns);
        Parallel.For(0, (history.RowCount + UsersPerBatch - 1) / UsersPerBatch, parallel, batch =>
        {
            var first = batch * UsersPerBatch;
            var count = Math.Min(UsersPerBatch, history.RowCount - first);
            var activations = tower.NewActivations(count);
            for (int i = 0; i < count; i++)
            {
                var taken = new TakenItems(history, first + i);
                var entries = taken.InTime();
                var items = Array.ConvertAll(entries, entry => taken.Items[entry]);
                var shares = Array.ConvertAll(entries, taken.Weight);
                if (halfLife > 0)
                {
                    var times = history.Timestamps(first + i);
                    for (int place = 0; place < shares.Length; place++)
                        shares[place] *= Recency.Decay(times[entries[place]], times[entries[^1]], halfLife);
                }
                settings.ToShares(shares);
                tower.SetInput(activations[0], i, items, shares);
                tower.AddFeatures(activations[0], i, features.Rows(first + i), features.Coefficients(first + i));
            }
            tower.Forward(activations, 0, count);
            tower.Normalize(activations[^1], 0, count, new float[count]);
            for (int i = 0; i < count; i++)
                if (history.Length(first + i) > 0 || !features.Rows(first + i).IsEmpty)
                    activations[^1][i].CopyTo(users[first + i]);
        });
        return users;
    }

    static SoftmaxDnnModel ISavedModel<SoftmaxDnnModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var userEmbeddings = reader.ReadMatrix(users.Count);
        var itemEmbeddings = reader.ReadMatrix(items.Count);
        var settings = SoftmaxDnnSettings.Read(reader);
        var inputs = reader.ReadMatrix(items.Count);
        var layers = new AlignedMatrix[reader.ReadByte()];
        var columns = inputs.Columns;
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer] = reader.ReadMatrix(columns + 1);
            columns = layers[layer].Columns;
            if (columns > MaxWidth)
                throw ModelReader.Damaged();
        }
        // What goes into the layers is added to what comes out, by kernels that do not look at the width.
        if (settings.SkipConnection ? inputs.Columns != columns : layers.Length == 0)
            throw ModelReader.Damaged();
        if (columns != itemEmbeddings.Columns)
            throw ModelReader.Damaged();
        var encoder = FeatureEncoder.Read(reader);
        var hasFeatures = encoder.TableRows > 0;
        var features = hasFeatures ? reader.ReadMatrix(encoder.TableRows) : null;
        if (features is not null && features.Columns != inputs.Columns)
            throw ModelReader.Damaged();
        return new SoftmaxDnnModel(users, items, history, userEmbeddings, itemEmbeddings, new QueryTower(inputs, layers, settings, features), settings,
            encoder, hasFeatures ? FeatureRows.Read(reader, users.Count, encoder.TableRows) : FeatureRows.None,
            reader.Version > 3 && reader.ReadByte() == 1 ? ItemFeatureTower.Read(reader, inputs.Columns) : null);
    }

    // State: user embeddings, item embeddings: matrix each
    //        recency half-life, temperature: float32 each; skip connection: byte, 1 or 0
    //        embeddings of items in a history: matrix
    //        layers: byte, then for each (inputs + 1) × outputs: matrix, the last row being the biases
    //        features of users: int32, their names: text, then for each
    //          kind, isKey: int32 each, as of ids
    //          categories: int32, and their texts; or of numbers means and 1 / deviations: array of float32 each
    //        where there are any: a row per category and number: matrix
    //          offsets: array of int32, users + 1; rows: array of int32; coefficients: array of float32
    //        features of items: byte, 1 or 0, none until version 3; where there are any, names and encoding as of users
    //          a row per category and number: matrix; mean length of taken items: float32; whether it is shared: byte, 1 or 0
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        base.WriteState(writer);
        Settings.Write(writer);
        writer.WriteMatrix(Tower.History);
        writer.WriteByte((byte)Tower.Layers.Length);
        foreach (var layer in Tower.Layers)
            writer.WriteMatrix(layer);
        Encoder.Write(writer);
        if (Encoder.TableRows > 0)
        {
            writer.WriteMatrix(Tower.Features!);
            UserFeatures.Write(writer);
        }
        writer.WriteByte(_itemTower is null ? (byte)0 : (byte)1);
        _itemTower?.Write(writer);
    }

    /// <inheritdoc/>
    protected override RecommenderModel AddItems(NewItems added)
    {
        var (items, histories) = (ItemMatrix.Extend(added.Items.Count), Tower.History.Extend(added.Items.Count));
        _itemTower!.Embed(added, items, histories);
        return new SoftmaxDnnModel(Users, added.Items, History, UserMatrix, items,
            new QueryTower(histories, Tower.Layers, Settings, Tower.Features), Settings, Encoder, UserFeatures, _itemTower);
    }

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) => new SoftmaxDnnModel(
        kept.Users, Items, kept.HistoryOf(this), kept.RowsOf(UserMatrix), ItemMatrix, Tower, Settings, Encoder,
        Encoder.TableRows > 0 ? UserFeatures.Reorder(kept.Rows) : UserFeatures, _itemTower);

    /// <inheritdoc/>
    public override bool IsKnownUser(int user) => base.IsKnownUser(user) || ((uint)user < (uint)Users.Count && !UserFeatures.Rows(user).IsEmpty);

    /// <inheritdoc/>
    public override bool IsKnownItem(int item) => base.IsKnownItem(item) || ((uint)item < (uint)Items.Count && _untakenItems[item]);

    internal override bool FoldsIn(int item) => (uint)item < (uint)Items.Count && HasEmbedding(Tower.History, item);

    internal override bool Knows(FeatureValues features)
    {
        if (Encoder.TableRows == 0)
            throw new NotSupportedException($"The model was trained without features of users: name {nameof(SoftmaxDnnTrainer.Options.UserFeatureColumnNames)} or {nameof(SoftmaxDnnTrainer.Options.UserFeatures)} in training, or leave the query's features out.");
        List<int> rows = [];
        Encoder.Encode(features, rows, []);
        return rows.Count > 0;
    }

    /// <summary>
    /// The embedding ψ(x) of a query: looked up for a known user without news; else the network's, of the history: for a known user what
    /// training saw,
    /// where a new entry replaces a trained one on the same item, followed by the news. Later entries count as more recent. Items that have
    /// no embedding for histories are left out;
    /// of several entries on one item the last counts. Labels are not looked at. A known user's features are those of training, unless the
    /// query brings its own.
    /// </summary>
    /// <param name="query">Who asks.</param>
    /// <returns><see cref="FactorModel.ApproximationRank"/> values; zeros when nothing is known about the query.</returns>
    /// <exception cref="ArgumentException">The model knows no feature of a name or kind that the query brings; or a feature is so large
    /// that scores are not finite.</exception>
    public float[] Embed(RecommenderQuery query)
    {
        var embedding = new float[ApproximationRank];
        if (ReasonFor(query) != RecommendationReason.Unknown)
            Embed(query, embedding);
        CheckEmbedding(query, embedding);
        return embedding;
    }

    /// <summary>
    /// The probability of each item, were the next one to be any known item: the softmax of the scores, seen items included.
    /// </summary>
    /// <param name="query">Who asks.</param>
    /// <returns>By item index; they sum to 1. NaN for unknown items, or for all when nothing is known about the query.</returns>
    /// <exception cref="ArgumentException">The model knows no feature of a name or kind that the query brings.</exception>
    public float[] Probabilities(RecommenderQuery query)
    {
        var values = new float[Items.Count];
        ScoreItems(query, values);
        var max = float.NegativeInfinity;
        foreach (var value in values)
            if (value > max)
                max = value;
        double sum = 0;
        foreach (var value in values)
            sum += float.IsNaN(value) ? 0 : Math.Exp(value - max);
        for (int item = 0; item < values.Length; item++)
            values[item] = (float)(Math.Exp(values[item] - max) / sum);
        return values;
    }

    /// <summary>The probability of one item by <see cref="Probabilities"/>.</summary>
    /// <param name="query">Who asks.</param>
    /// <param name="item">0-based item index.</param>
    /// <returns>0 to 1; NaN when the item or everything about the query is unknown.</returns>
    /// <exception cref="ArgumentException">The model knows no feature of a name or kind that the query brings.</exception>
    public float Probability(RecommenderQuery query, int item)
    {
        UnknownIndex.ThrowIfNegative(item, "Item", nameof(item));
        return IsKnownItem(item) ? Probabilities(query)[item] : float.NaN;
    }

    /// <summary>
    /// True: by how much an item's score would be lower without each item of the history, the others sharing its part of the mean.
    /// </summary>
    /// <remarks>
    /// One pass through the network per item of the history, in one batch. Layers and cosines are not linear: the parts do not add up to
    /// the score. Items that have no embedding for histories have no part; what is all that is known about the query contributes the whole
    /// score.
    /// </remarks>
    public override bool CanExplain => true;

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item)
    {
        var (items, weights) = InTime(query);
        // The whole history, then without one entry each.
        var activations = Tower.NewActivations(1 + items.Length);
        var features = SetInput(activations[0], 0, items, weights, query);
        for (int left = 0; left < items.Length; left++)
            SetInput(activations[0], 1 + left, [.. items[..left], .. items[(left + 1)..]], [.. weights[..left], .. weights[(left + 1)..]], query);
        Compute(activations);
        var score = Score(0);
        var nothingIsLeft = items.Length == 1 && features == 0;
        return items.Select((taken, left) => Contribution.OfItem(taken, score - (nothingIsLeft ? 0 : Score(1 + left))));

        float Score(int row) => TensorPrimitives.Dot<float>(activations[^1][row], ItemMatrix[item]);
    }

    /// <inheritdoc/>
    protected override void Embed(RecommenderQuery query, Span<float> embedding)
    {
        if (query.IsOfTraining)
        {
            UserFactors(query.User).CopyTo(embedding);
            return;
        }
        var (items, weights) = InTime(query);
        var activations = Tower.NewActivations(1);
        SetInput(activations[0], 0, items, weights, query);
        Compute(activations);
        activations[^1][0].CopyTo(embedding);
    }

    /// <summary>What a query has taken and histories are folded in by, oldest first, and the weights.</summary>
    private (int[] Items, float[] Weights) InTime(RecommenderQuery query)
    {
        var taken = new TakenItems(this, query);
        var entries = Array.FindAll(taken.InTime(), entry => FoldsIn(taken.Items[entry]));
        return (Array.ConvertAll(entries, entry => taken.Items[entry]), Array.ConvertAll(entries, taken.Weight));
    }

    /// <summary>Sets a row of the network's input to a history and the query's features, or else those of training. Returns how many terms
    /// features have.</summary>
    private int SetInput(AlignedMatrix input, int row, int[] items, float[] weights, RecommenderQuery query)
    {
        var shares = weights.AsSpan().ToArray();
        Settings.ToShares(shares);
        Tower.SetInput(input, row, items, shares);
        List<int> rows = [];
        List<float> coefficients = [];
        if (query.Features is { } values)
            Encoder.Encode(values, rows, coefficients);
        else if (IsKnownUser(query.User))
        {
            rows.AddRange(UserFeatures.Rows(query.User));
            coefficients.AddRange(UserFeatures.Coefficients(query.User));
        }
        Tower.AddFeatures(input, row, CollectionsMarshal.AsSpan(rows), CollectionsMarshal.AsSpan(coefficients));
        return rows.Count;
    }

    private void Compute(AlignedMatrix[] activations)
    {
        var rows = activations[0].Rows;
        Tower.Forward(activations, 0, rows);
        Tower.Normalize(activations[^1], 0, rows, new float[rows]);
    }
}
