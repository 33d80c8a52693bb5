namespace MLNetRecExt;

/// <summary>What is known of a file before <see cref="InteractionFileOptions.Infer"/> looks at it. What is null is found out.</summary>
public sealed record InteractionFileHints
{
    /// <summary>What stands between the values of a line.</summary>
    /// <value>Default null: a tab, <c>"::"</c>, comma, semicolon, bar or space, whichever divides all lines.</value>
    public string? Separator { get; init; }

    /// <summary>Whether the first line names the columns.</summary>
    /// <value>Default null: where it holds no number, and a usual name or a word over numbers.</value>
    public bool? HasHeader { get; init; }

    /// <summary>The column of users: its name, or without a header its number from 0.</summary>
    /// <value>Default null: by a usual name like <c>userId</c> or <c>customer</c>; without a header the first that can hold ids.</value>
    public string? User { get; init; }

    /// <summary>The column of items: its name, or without a header its number from 0.</summary>
    /// <value>Default null: by a usual name like <c>item_id</c> or <c>movieId</c>, or the one other name that ends in <c>id</c>; without a
    /// header the second that can hold ids.</value>
    public string? Item { get; init; }

    /// <summary>The column of labels: its name, or without a header its number from 0.</summary>
    /// <value>Default null: by a usual name like <c>rating</c> over numbers; without a header the one column of numbers that is left; or
    /// none. Counts are not taken for labels: whole numbers of which the largest is above 100, or above 20 times the median.</value>
    public string? Label { get; init; }

    /// <summary>The column of weights: its name, or without a header its number from 0.</summary>
    /// <value>Default null: none.</value>
    public string? Weight { get; init; }

    /// <summary>The column of timestamps: its name, or without a header its number from 0.</summary>
    /// <value>
    /// Default null: by a usual name like <c>timestamp</c> over numbers or dates; without a header a column of dates, or from the third on
    /// of seconds
    /// or milliseconds since 1970 in the years 1990 to 2040; or none.
    /// </value>
    public string? Timestamp { get; init; }
}
