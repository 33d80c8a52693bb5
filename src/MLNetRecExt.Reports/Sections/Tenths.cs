namespace MLNetRecExt.Reports.Sections;

/// <summary>The items in tenths by popularity.</summary>
internal static class Tenths
{
    public const int Count = 10;

    public static string Label(int decile) => decile switch
    {
        0 => "most popular tenth",
        Count - 1 => "least popular tenth",
        _ => $"tenth {decile + 1}",
    };
}
