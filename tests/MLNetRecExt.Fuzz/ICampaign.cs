namespace MLNetRecExt.Fuzz;

/// <summary>One kind of attack. A worker makes one, and tries its inputs one after the other.</summary>
internal interface ICampaign
{
    /// <summary>Whether the input being tried may take as long as it likes, and is given up then.</summary>
    bool MayTakeLong => false;

    /// <summary>Tries one input.</summary>
    /// <param name="random">What the input is made of: by seed and index always the same.</param>
    /// <param name="index">The input's number.</param>
    /// <returns>What became of it, in a word or two: counted in the summary.</returns>
    /// <exception cref="FuzzFailureException">A promise was broken. Any other exception is a failure too.</exception>
    string Try(Random random, int index);
}
