namespace MLNetRecExt.Reports.Sections;

/// <summary>The items in tenths by popularity.</summary>
internal static class Tenths
{
    public const int Count = 10;

    public const string Axis = "Tenth by popularity, top first";

    public static string Label(int decile) => $"{decile + 1}";
}
