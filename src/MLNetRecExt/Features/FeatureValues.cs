using System.Collections;

namespace MLNetRecExt;

/// <summary>Side features that come with a query, by name: of somebody unknown, or instead of those that training knew. What is not given
/// is missing.</summary>
/// <example><code>var values = new FeatureValues { { "Gender", "F" }, { "Age", 31 }, { "Languages", ["en", "tr"] }, { "Joined", new DateTime(2024, 2, 29) } };</code></example>
public sealed class FeatureValues : IEnumerable<string>
{
    private readonly Dictionary<string, object> _values = [];

    /// <summary>Adds a category; null or empty is missing. A category that training did not see is missing too.</summary>
    /// <exception cref="ArgumentException">The feature has a value already.</exception>
    public void Add(string name, string? category) => _values.Add(name, string.IsNullOrWhiteSpace(category) ? Array.Empty<string>() : new[] { category });

    /// <summary>Adds several categories of one feature.</summary>
    /// <exception cref="ArgumentException">The feature has a value already.</exception>
    public void Add(string name, string[] categories)
    {
        ArgumentNullException.ThrowIfNull(categories);
        _values.Add(name, (string[])categories.Clone());
    }

    /// <summary>Adds a number; NaN or infinite is missing.</summary>
    /// <exception cref="ArgumentException">The feature has a value already.</exception>
    public void Add(string name, float number) => _values.Add(name, new[] { number });

    /// <summary>Adds the numbers of a feature that is a vector.</summary>
    /// <exception cref="ArgumentException">The feature has a value already.</exception>
    public void Add(string name, float[] numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        _values.Add(name, (float[])numbers.Clone());
    }

    /// <summary>Adds a date; the default is missing.</summary>
    /// <exception cref="ArgumentException">The feature has a value already.</exception>
    public void Add(string name, DateTime date) => _values.Add(name, new[] { date });

    /// <summary>Adds the dates of a feature that is a vector.</summary>
    /// <exception cref="ArgumentException">The feature has a value already.</exception>
    public void Add(string name, DateTime[] dates)
    {
        ArgumentNullException.ThrowIfNull(dates);
        _values.Add(name, (DateTime[])dates.Clone());
    }

    /// <summary>By name, a string[], float[] or DateTime[].</summary>
    internal IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>Those that have one of some names.</summary>
    internal FeatureValues Only(IReadOnlyList<string> names)
    {
        var values = new FeatureValues();
        foreach (var (name, value) in _values)
            if (names.Contains(name))
                values._values.Add(name, value);
        return values;
    }

    /// <summary>The names of the features that have a value.</summary>
    public IEnumerator<string> GetEnumerator() => _values.Keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
