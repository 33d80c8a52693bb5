using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>Makes recommenders of what the stock matrix factorization has trained.</summary>
internal static class StockMatrixFactorization
{
    public static StockMatrixFactorizationModel ToModel(MatrixFactorizationModelParameters parameters, IdMap users, IdMap items, InteractionRows? history, bool usersAreColumns)
    {
        var rows = ToMatrix(parameters.LeftFactorMatrix, parameters.NumberOfRows, parameters.ApproximationRank);
        var columns = ToMatrix(parameters.RightFactorMatrix, parameters.NumberOfColumns, parameters.ApproximationRank);
        var (userFactors, itemFactors) = usersAreColumns ? (columns, rows) : (rows, columns);
        Check(users, userFactors.Rows, "user", nameof(users));
        Check(items, itemFactors.Rows, "item", nameof(items));
        history ??= new InteractionRows(new int[users.Count + 1], new int[InteractionRows.Padding], null, null, null);
        return new StockMatrixFactorizationModel(users, items, history, userFactors, itemFactors);

        static void Check(IdMap ids, int expected, string what, string name)
        {
            if (ids.Count != expected)
                throw new ArgumentException($"There are {ids.Count} {what} ids, but the model has {expected} {what}s. Give those of the column that it was trained on.", name);
        }
    }

    /// <summary>Whether the column of users is the matrix's column index: where the counts do not tell, the transformer's own scores
    /// do.</summary>
    /// <param name="transformer">The stock transformer.</param>
    /// <param name="schema">What it takes.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="users">Ids of the users.</param>
    /// <param name="items">Ids of the items.</param>
    public static bool UsersAreColumns(MatrixFactorizationPredictionTransformer transformer, DataViewSchema schema, InteractionColumns columns, IdMap users, IdMap items)
    {
        var parameters = transformer.Model;
        if (users.Count != items.Count)
            return users.Count == parameters.NumberOfColumns;
        var (asColumns, asRows) = (ToModel(parameters, users, items, null, usersAreColumns: true), ToModel(parameters, users, items, null, usersAreColumns: false));
        var candidates = new CandidateView(schema, columns, users, items);
        var (expected, other) = (new float[items.Count], new float[items.Count]);
        for (int user = 0; user < users.Count; user++)
        {
            asColumns.ScoreItems(RecommenderQuery.ForUser(user), expected);
            asRows.ScoreItems(RecommenderQuery.ForUser(user), other);
            if (!expected.AsSpan().SequenceEqual(other))
                return transformer.Transform(candidates.Of(user)).GetColumn<float>("Score").SequenceEqual(expected);
        }
        // Either way gives the same scores.
        return true;
    }

    private static AlignedMatrix ToMatrix(IReadOnlyList<float> values, int rows, int rank)
    {
        var matrix = new AlignedMatrix(rows, rank);
        for (int row = 0; row < rows; row++)
            for (int k = 0; k < rank; k++)
                matrix[row][k] = values[row * rank + k];
        return matrix;
    }
}
