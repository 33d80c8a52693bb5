namespace MLNetRecExt;

/// <summary>Where side features stand in a delimited text file. What is null is found out from the file.</summary>
/// <remarks>The text is UTF-8, with or without a byte order mark, a user or item per row. Values between quotes may hold the separator,
/// line breaks, and a quote as two.</remarks>
public sealed record FeatureFileOptions
{
    /// <summary>The column of ids: its name, or without a header its number from 0.</summary>
    /// <value>Default null: the first with a usual name like <c>userId</c> or <c>item</c>, else the first column if its values
    /// differ.</value>
    public string? Id { get; init; }

    /// <summary>The columns of features: their names, or without a header their numbers from 0.</summary>
    /// <value>
    /// Default null: all that say something. Left out are columns named <c>title</c> or <c>name</c>, and those of text of which most
    /// occurs once, such as
    /// addresses: they name a row instead of describing it. But where most of a left-out column ends in a year, like <c>Alien (1979)</c>,
    /// that
    /// is a feature: <c>Year</c>, a category.
    /// </value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Columns of numbers that are codes, like that of an occupation, and so categories.</summary>
    /// <value>Default empty.</value>
    public IReadOnlyList<string> CategoryColumns { get; init; } = [];

    /// <summary>What stands between the categories of one value, like <c>Comedy|Drama</c>.</summary>
    /// <value>Default <c>"|"</c>.</value>
    public string CategorySeparator { get; init; } = "|";

    /// <summary>What stands between the values of a row.</summary>
    /// <value>Default null: a tab, <c>"::"</c>, comma, semicolon, bar or space, whichever divides all rows.</value>
    public string? Separator { get; init; }

    /// <summary>Whether the first line names the columns.</summary>
    /// <value>Default null: where it holds no number, and a usual name or a word over numbers.</value>
    public bool? HasHeader { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(CategoryColumns);
        if (string.IsNullOrEmpty(CategorySeparator))
            throw new ArgumentException($"{nameof(CategorySeparator)} must be text; it is empty.", nameof(CategorySeparator));
        InteractionFileOptions.CheckSeparator(Separator);
    }
}
