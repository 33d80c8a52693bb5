namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Names of the views, as they stand in addresses.</summary>
internal static class Views
{
    public const string Overview = "";
    public const string User = "user";
    public const string Item = "item";
    public const string Compare = "compare";
    public const string Map = "map";
}
