namespace MLNetRecExt;

/// <summary>How the profile of a user and the vector of an item make a score.</summary>
public enum ContentSimilarity
{
    /// <summary>The cosine of the two; items' vectors have length 1 in the profile too.</summary>
    Cosine,

    /// <summary>The dot product of the two, as they are: larger numbers count more.</summary>
    DotProduct,
}
