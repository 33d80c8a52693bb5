namespace MLNetRecExt;

/// <summary>What <see cref="RecommenderModel.Save(string, SaveOptions?)"/> leaves out of a file.</summary>
public sealed record SaveOptions
{
    /// <summary>Whether users are in the file. Without them it holds no id, history, embedding or features of anybody, as
    /// <see cref="RecommenderModel.Without(IEnumerable{int})"/> says; the model that is loaded knows nobody, and answers by
    /// histories.</summary>
    /// <value>Default true.</value>
    public bool Users { get; init; } = true;

    /// <summary>Whether the card says when the model was trained and for how long. Without that, the same data, options and seed give the
    /// same file, byte for byte.</summary>
    /// <value>Default true.</value>
    public bool Times { get; init; } = true;
}
