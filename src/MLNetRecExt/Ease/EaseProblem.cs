namespace MLNetRecExt;

/// <summary>What <see cref="EaseTrainer"/> solves: X̃ = D_U^(−β/2) X, and Λ, which is added to the diagonal of X̃ᵀX̃.</summary>
internal sealed class EaseProblem
{
    /// <param name="train">X.</param>
    /// <param name="options">p and β.</param>
    /// <param name="regularization">λ.</param>
    public EaseProblem(Interactions train, EaseTrainer.Options options, float regularization)
    {
        Train = train;
        UserExponent = options.UserExponent;
        var rows = train.ByUser;
        ByUser = ItemGramian.Values(rows, train.Items.Count, UserExponent);
        ByItem = ByUser.Transpose();
        double all = 0, plain = 0;
        for (int user = 0; user < rows.RowCount; user++)
        {
            var (squares, weight) = (ItemGramian.SumOfSquares(ByUser.Values(user)), ItemGramian.UserWeight(rows, user, UserExponent));
            all += squares;
            plain += squares / weight / weight;
        }
        var bracket = plain > 0 ? all / plain : 1;
        var dropped = options.Dropout / (1.0 - options.Dropout);
        Penalties = new double[train.Items.Count];
        for (int item = 0; item < Penalties.Length; item++)
            Penalties[item] = regularization * bracket + dropped * ItemGramian.SumOfSquares(ByItem.Values(item));
    }

    public Interactions Train { get; }

    public float UserExponent { get; }

    /// <summary>X̃, users × items.</summary>
    public SparseMatrix ByUser { get; }

    /// <summary>X̃ᵀ.</summary>
    public SparseMatrix ByItem { get; }

    /// <summary>Λ by item.</summary>
    public double[] Penalties { get; }
}
