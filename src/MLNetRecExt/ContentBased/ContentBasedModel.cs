using System.Buffers;
using System.Numerics.Tensors;
using MLNetRecExt;
using MLNetRecExt.Persistence;

[assembly: RecommenderKind<ContentBasedModel>("ContentBased")]

namespace MLNetRecExt;

/// <summary>
/// What <see cref="ContentBasedTrainer"/> makes: the items' vectors. Every item with features is known, taken or not; a user is a profile,
/// made of the history
/// when it is asked for.
/// </summary>
public sealed class ContentBasedModel : RecommenderModel, ISavedModel<ContentBasedModel>
{
    internal ContentBasedModel(IdMap users, IdMap items, InteractionRows history, ContentVectors vectors, ContentSettings settings)
        : base(users, items, history) => (Vectors, Settings) = (vectors, settings);

    /// <summary>True: a history makes a profile as that of training does.</summary>
    public override bool CanFoldIn => true;

    internal ContentVectors Vectors { get; }

    internal ContentSettings Settings { get; }

    /// <summary>Whether the item is in range and has a feature.</summary>
    public override bool IsKnownItem(int item) => (uint)item < (uint)Items.Count && Vectors.ByItem.Length(item) > 0;

    /// <summary>Whether the user is in range and took an item that has a feature.</summary>
    public override bool IsKnownUser(int user)
    {
        if (!base.IsKnownUser(user))
            return false;
        foreach (var item in History.Indices(user))
            if (IsKnownItem(item))
                return true;
        return false;
    }

    /// <summary>True: similar items have vectors of a large cosine.</summary>
    public override bool CanCompareItems => true;

    /// <summary>True: by what each feature of the item adds. The parts sum up to the score.</summary>
    public override bool CanExplain => true;

    /// <summary>Names of the features that items' vectors are made of.</summary>
    public override IReadOnlyList<string> ItemFeatureNames => [.. Vectors.Features.Distinct()];

    /// <summary>Whether the model knows how features became vectors: not one that was loaded from a file of format version 3 or
    /// before.</summary>
    public override bool CanAddItems => Vectors.Encoder is not null;

    // A profile is a mean of vectors, less β times one.
    internal override double LargestScore
    {
        get
        {
            var longest = 0f;
            for (int item = 0; item < Items.Count; item++)
                longest = Math.Max(longest, TensorPrimitives.Norm(Vectors.ByItem.Values(item)));
            return (1.0 + Settings.DislikedWeight) * longest * longest;
        }
    }

    static ContentBasedModel ISavedModel<ContentBasedModel>.Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history)
    {
        var settings = ContentSettings.Read(reader);
        return new(users, items, history, ContentVectors.Read(reader, items.Count), settings);
    }

    // State: label from which on an item is liked, weight of the disliked: float32 each; similarity: int32
    //        places of a vector: int32; by place the feature, then its category or place among numbers: text each
    //        vectors by item: sparse
    //        how features become vectors: byte, 1 or 0, none until version 3; then
    //          columns that have a place: int32, and of each kind, isKey: int32 each, as of ids
    //            weights by category, none of numbers: array of float32; means and factors by number: array of float64 each
    /// <inheritdoc/>
    protected internal override void WriteState(ModelWriter writer)
    {
        Settings.Write(writer);
        Vectors.Write(writer);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ItemFeature> FeaturesOf(int item)
    {
        for (int e = 0; e < Vectors.ByItem.Length(item); e++)
        {
            var place = Vectors.ByItem.Indices(item)[e];
            yield return new(Vectors.Features[place], Vectors.CategoryOf(place), Vectors.ByItem.Values(item)[e]);
        }
    }

    /// <inheritdoc/>
    protected override RecommenderModel AddItems(NewItems added) => new ContentBasedModel(
        Users, added.Items, History, Vectors.With(added.Features, added.RowOf, Settings.Similarity == ContentSimilarity.Cosine), Settings);

    /// <inheritdoc/>
    protected override RecommenderModel KeepUsers(KeptUsers kept) =>
        new ContentBasedModel(kept.Users, Items, kept.HistoryOf(this), Vectors, Settings);

    /// <inheritdoc/>
    protected override void CompareItems(int item, Span<float> similarities)
    {
        var direction = new float[Vectors.Features.Length];
        var places = Vectors.ByItem.Indices(item);
        var values = Vectors.ByItem.Values(item);
        for (int e = 0; e < places.Length; e++)
            direction[places[e]] = values[e] / TensorPrimitives.Norm(values);
        for (int other = 0; other < similarities.Length; other++)
            similarities[other] = Score(direction, other) / TensorPrimitives.Norm(Vectors.ByItem.Values(other));
    }

    /// <inheritdoc/>
    protected override IEnumerable<Contribution> ExplainKnown(RecommenderQuery query, int item)
    {
        var profile = new float[Vectors.Features.Length];
        MakeProfile(query, profile);
        var contributions = new List<Contribution>();
        var places = Vectors.ByItem.Indices(item);
        for (int e = 0; e < places.Length; e++)
            if (profile[places[e]] * Vectors.ByItem.Values(item)[e] is var contribution and not 0)
                contributions.Add(Contribution.OfFeature(Vectors.Features[places[e]], Vectors.Values[places[e]], contribution));
        return contributions;
    }

    /// <inheritdoc/>
    protected override float ScoreKnown(int user, int item)
    {
        var rented = ArrayPool<float>.Shared.Rent(Vectors.Features.Length);
        var profile = rented.AsSpan(0, Vectors.Features.Length);
        MakeProfile(RecommenderQuery.ForUser(user), profile);
        var score = Score(profile, item);
        ArrayPool<float>.Shared.Return(rented);
        return score;
    }

    /// <inheritdoc/>
    protected override void ScoreAllItems(RecommenderQuery query, Span<float> scores)
    {
        var rented = ArrayPool<float>.Shared.Rent(Vectors.Features.Length);
        var profile = rented.AsSpan(0, Vectors.Features.Length);
        MakeProfile(query, profile);
        for (int item = 0; item < scores.Length; item++)
            scores[item] = Score(profile, item);
        ArrayPool<float>.Shared.Return(rented);
    }

    private float Score(ReadOnlySpan<float> profile, int item)
    {
        var places = Vectors.ByItem.Indices(item);
        var values = Vectors.ByItem.Values(item);
        var sum = 0f;
        for (int e = 0; e < places.Length; e++)
            sum += profile[places[e]] * values[e];
        return sum;
    }

    private void MakeProfile(RecommenderQuery query, Span<float> profile)
    {
        var taken = new TakenItems(this, query);
        double liked = 0, disliked = 0;
        for (int e = 0; e < taken.Items.Length; e++)
        {
            if (!IsKnownItem(taken.Items[e]))
                continue;
            if (taken.Label(e) >= Settings.LikedFrom)
                liked += taken.Weight(e);
            else
                disliked += taken.Weight(e);
        }
        profile.Clear();
        for (int e = 0; e < taken.Items.Length; e++)
        {
            var share = (float)(taken.Label(e) >= Settings.LikedFrom
                ? taken.Weight(e) / liked
                : -(double)Settings.DislikedWeight * taken.Weight(e) / disliked);
            // A weight of 0 says nothing.
            if (!float.IsFinite(share))
                continue;
            var places = Vectors.ByItem.Indices(taken.Items[e]);
            var values = Vectors.ByItem.Values(taken.Items[e]);
            for (int n = 0; n < places.Length; n++)
                profile[places[n]] += share * values[n];
        }
        if (Settings.Similarity == ContentSimilarity.Cosine && TensorPrimitives.Norm(profile) is var length and > 0)
            TensorPrimitives.Divide(profile, length, profile);
    }
}
