using MLNetRecExt.Kernels;

namespace MLNetRecExt.AspNetCore.Tests.Page;

/// <summary>A model of given embeddings; each user took one item.</summary>
public sealed class PlantedModel(float[][] users, float[][] items) : FactorModel(
    IdMap.FromKeys(users.Length), IdMap.FromKeys(items.Length), Taken(users.Length, items.Length), Matrix(users), Matrix(items))
{
    public override bool CanFoldIn => false;

    protected override void Embed(RecommenderQuery query, Span<float> embedding) => UserFactors(query.User).CopyTo(embedding);

    private static InteractionRows Taken(int users, int items) => Interactions.Create(
        IdMap.FromKeys(users), IdMap.FromKeys(items),
        [.. Enumerable.Range(0, Math.Max(users, items)).Select(pair => pair % users)],
        [.. Enumerable.Range(0, Math.Max(users, items)).Select(pair => pair % items)]).ByUser;

    private static AlignedMatrix Matrix(float[][] rows)
    {
        var matrix = new AlignedMatrix(rows.Length, rows[0].Length);
        for (int row = 0; row < rows.Length; row++)
            rows[row].CopyTo(matrix[row]);
        return matrix;
    }
}
