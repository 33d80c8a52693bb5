namespace MLNetRecExt.Tests;

/// <summary>A test of published numbers, which is reported as skipped where the data is not.</summary>
internal sealed class MovieLensTheoryAttribute : TheoryAttribute
{
    public MovieLensTheoryAttribute()
    {
        if (MovieLens.Folder is null)
            Skip = $"{MovieLens.Variable} does not name the folder of ml-100k.";
    }
}
