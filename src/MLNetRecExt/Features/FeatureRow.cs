namespace MLNetRecExt;

/// <summary>What is known of one user or item: a row of <see cref="SideFeatures"/>.</summary>
/// <example><code>
/// var cheapComedies = recommender.Where(features, film => film.Has("Genres", "comedy") &amp;&amp; film.Number("Price") &lt; 5);
/// </code></example>
public readonly struct FeatureRow
{
    private readonly SideFeatures _features;
    private readonly int _row;

    internal FeatureRow(SideFeatures features, int row) => (_features, _row) = (features, row);

    /// <summary>The id as text.</summary>
    public string Id => _features.Ids.GetText(_row);

    /// <summary>The categories of a feature; empty when they are missing.</summary>
    /// <param name="name">Name of a feature of text, keys or Boolean.</param>
    /// <exception cref="ArgumentException">There is no such feature, or it holds numbers.</exception>
    public IReadOnlyList<string> Categories(string name)
    {
        var column = Categorical(name);
        return Array.ConvertAll(column.Codes[_row], code => column.Categories![code]);
    }

    /// <summary>Whether a feature has a category.</summary>
    /// <inheritdoc cref="Categories"/>
    /// <param name="name">Name of a feature of text, keys or Boolean.</param>
    /// <param name="category">The category, as text.</param>
    public bool Has(string name, string category)
    {
        var column = Categorical(name);
        foreach (var code in column.Codes[_row])
            if (column.Categories![code] == category)
                return true;
        return false;
    }

    /// <summary>The number of a feature; NaN when it is missing. Of a date, the days since the year 1.</summary>
    /// <param name="name">Name of a feature of one number or date.</param>
    /// <exception cref="ArgumentException">There is no such feature, or it holds categories, or several numbers.</exception>
    public float Number(string name)
    {
        var column = Numeric(name);
        return column.Size == 1 ? column.Numbers[_row][0] : throw new ArgumentException(
            $"Feature '{name}' holds {column.Size} numbers: read them with {nameof(Numbers)}.", nameof(name));
    }

    /// <summary>The numbers of a feature, NaN where missing. Of dates, the days since the year 1.</summary>
    /// <param name="name">Name of a feature of numbers or dates, or vectors of these.</param>
    /// <exception cref="ArgumentException">There is no such feature, or it holds categories.</exception>
    public ReadOnlySpan<float> Numbers(string name) => Numeric(name).Numbers[_row];

    /// <summary>The date of a feature, to the day; null when it is missing.</summary>
    /// <param name="name">Name of a feature of dates.</param>
    /// <exception cref="ArgumentException">There is no such feature, or it does not hold one date.</exception>
    public DateOnly? Date(string name)
    {
        if (!Numeric(name).Type.IsDates)
            throw new ArgumentException($"Feature '{name}' holds numbers: read one with {nameof(Number)}.", nameof(name));
        return Number(name) is var days && float.IsNaN(days) ? null : DateOnly.FromDayNumber((int)days);
    }

    private FeatureColumn Categorical(string name) => _features.Column(name) is { Categories: not null } column ? column
        : throw new ArgumentException(
            $"Feature '{name}' holds numbers: read them with {nameof(Number)}, {nameof(Numbers)} or {nameof(Date)}.", nameof(name));

    private FeatureColumn Numeric(string name) => _features.Column(name) is { Categories: null } column ? column
        : throw new ArgumentException(
            $"Feature '{name}' holds categories: read them with {nameof(Has)} or {nameof(Categories)}.", nameof(name));
}
