namespace MLNetRecExt;

/// <summary>Where interactions come from: a file, or a query to a database.</summary>
public sealed record DataConfiguration
{
    /// <summary>A delimited text file with a row per interaction. Relative to the folder of the configuration.</summary>
    /// <value>Default null.</value>
    public string? File { get; init; }

    /// <summary>What is tested on, in place of a part that is cut off <see cref="File"/>: a file with columns of the same names.</summary>
    /// <value>Default null: <see cref="ExperimentConfiguration.Split"/> cuts it off.</value>
    public string? Test { get; init; }

    /// <summary>What options are chosen by, where <see cref="Test"/> is named; it is learned from, too, before the test.</summary>
    /// <value>Default null.</value>
    public string? Validation { get; init; }

    /// <summary>A connection string, or <c>env:NAME</c> for what the environment variable holds.</summary>
    /// <value>Default null.</value>
    public string? Connection { get; init; }

    /// <summary>The database: <c>sqlite</c>, <c>postgres</c> or <c>duckdb</c>.</summary>
    /// <value>Default null: told by the connection string.</value>
    public string? Provider { get; init; }

    /// <summary>The query, one row per interaction.</summary>
    /// <value>Default null.</value>
    public string? Sql { get; init; }

    /// <summary>Column of users.</summary>
    /// <value>Default null: found by its name, or by what it holds.</value>
    public string? User { get; init; }

    /// <summary>Column of items.</summary>
    /// <value>Default null: likewise.</value>
    public string? Item { get; init; }

    /// <summary>Column of labels, such as ratings.</summary>
    /// <value>Default null: none; every row counts as 1.</value>
    public string? Label { get; init; }

    /// <summary>Column of weights.</summary>
    /// <value>Default null: none.</value>
    public string? Weight { get; init; }

    /// <summary>Column of times.</summary>
    /// <value>Default null: found by its name, where there is one.</value>
    public string? Time { get; init; }

    /// <summary>What stands between the values of a line.</summary>
    /// <value>Default null: found out.</value>
    public string? Separator { get; init; }

    /// <summary>Whether the first line names the columns. Without a header columns go by number, from 0.</summary>
    /// <value>Default null: found out.</value>
    public bool? HasHeader { get; init; }

    /// <summary>Rows with a smaller label are left out; the others count as 1.</summary>
    /// <value>Default null: every row is read with its label. Any finite number.</value>
    public float? RelevantFrom { get; init; }

    /// <summary>A delimited text file with a row per item: its id, a title, and features.</summary>
    /// <value>Default null.</value>
    public string? Items { get; init; }

    /// <summary>Column of titles in <see cref="Items"/>.</summary>
    /// <value>Default null: found by its name.</value>
    public string? Title { get; init; }

    /// <summary>Column of <see cref="Items"/> that groups items, such as a category or language.</summary>
    /// <value>Default null: none.</value>
    public string? Group { get; init; }

    /// <summary>A delimited text file with a row per user: its id and features.</summary>
    /// <value>Default null.</value>
    public string? Users { get; init; }

    internal void Check()
    {
        OptionChecker.Check(this);
        if (File is null == (Connection is null))
            throw new FormatException("data needs either 'file', or 'connection' and 'sql'.");
        if ((Test is not null && File is null) || (Validation is not null && Test is null))
            throw new FormatException("data needs 'file' beside 'test', and both beside 'validation'.");
        if (Connection is null != (Sql is null))
            throw new FormatException("data needs 'connection' and 'sql' together.");
        if (Provider is not (null or "sqlite" or "postgres" or "duckdb"))
            throw new FormatException($"data.provider is '{Provider}'; it must be sqlite, postgres or duckdb.");
        if (Connection is not null && (User is null || Item is null))
            throw new FormatException("data needs 'user' and 'item', the columns of the query.");
    }
}
