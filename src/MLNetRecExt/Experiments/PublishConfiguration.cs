namespace MLNetRecExt;

/// <summary>What becomes of the best model.</summary>
public sealed record PublishConfiguration
{
    /// <summary>The file that it is written to.</summary>
    public required string To { get; init; }

    /// <summary>Whether the file is kept where its model is better than the new one on the test part.</summary>
    /// <value>Default null: it is (true).</value>
    public bool? IfNotWorse { get; init; }

    /// <summary>Whether ids and histories of users are left out of the file, which then serves by histories that are given.</summary>
    /// <value>Default null: they are in it (false).</value>
    public bool? WithoutUsers { get; init; }
}
