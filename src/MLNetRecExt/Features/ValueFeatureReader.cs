using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Reads <see cref="SideFeatures"/> of rows whose values are objects: a database's, or properties of objects. Whoever has the rows
/// moves to the next one and calls <see cref="AddRow"/>.</summary>
internal sealed class ValueFeatureReader
{
    private readonly IdReader _ids;
    private readonly ValueFeature[] _features;
    private long _read, _withoutId;

    private ValueFeatureReader(IdReader ids, IEnumerable<ValueFeature> features) => (_ids, _features) = (ids, [.. features]);

    /// <summary>For the rows of a query.</summary>
    /// <exception cref="ArgumentException">A column is missing, or named twice.</exception>
    public static ValueFeatureReader Open(DbDataReader rows, string idColumn, IReadOnlyList<string>? featureColumns)
    {
        var id = DbColumn.Find(rows, idColumn, "ids");
        featureColumns ??= [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetName).Where(name => name != id.Name)];
        DbColumn[] columns = [.. featureColumns.Select(name => DbColumn.Find(rows, name, "features"))];
        CheckNames(id.Name, Array.ConvertAll(columns, column => column.Name));
        return new(new DbIds(id, known: null, "ids"), columns.Select(column => new ValueFeature(column.Name, () => column.Value)));
    }

    /// <summary>For objects.</summary>
    /// <param name="id">The id of the current object.</param>
    /// <param name="features">The features of the current object.</param>
    /// <exception cref="ArgumentException">Ids cannot be of the type, or the features have no properties.</exception>
    public static ValueFeatureReader Open<TId, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TFeatures>(
        Func<TId> id, Func<TFeatures> features)
    {
        var type = typeof(TFeatures);
        // Text has a length and a date a weekday, but neither is meant by them.
        var properties = type.Assembly == typeof(object).Assembly
            ? []
            : Array.FindAll(type.GetProperties(), property => property.CanRead && property.GetIndexParameters().Length == 0);
        if (properties.Length == 0)
            throw new ArgumentException($"What is selected for features is {type.Name}, which has no properties to be features. "
                + "Select an object that has: row => new { row.Category, row.Price }.");
        return new(new SelectedIds<TId>(id, known: null, "ids"), properties.Select(
            property => new ValueFeature(property.Name, () => features() is { } row ? property.GetValue(row) : null)));
    }

    /// <summary>Takes the row that the source is at.</summary>
    /// <exception cref="ArgumentException">The first value of a column is of a type that features cannot have.</exception>
    /// <exception cref="InvalidDataException">A value is of another kind than those before.</exception>
    public void AddRow()
    {
        _read++;
        if (!_ids.Read())
        {
            _withoutId++;
            return;
        }
        var index = _ids.Index();
        foreach (var feature in _features)
            feature.Read(index, _read);
    }

    /// <param name="channel">Told what was found.</param>
    public SideFeatures Finish(IChannel channel)
    {
        var ids = _ids.ToMap();
        var features = new SideFeatures(ids, Array.ConvertAll(_features, feature => feature.ToColumn(ids.Count)));
        channel.Info(MessageSensitivity.None, FormattableString.Invariant($"Read features, {_read:N0} rows: {features}."));
        if (_withoutId > 0)
            channel.Warning(MessageSensitivity.None,
                FormattableString.Invariant($"Passed over {_withoutId:N0} of {_read:N0} rows without an id ({_ids.Needed})."));
        return features;
    }

    private static void CheckNames(string id, string[] names)
    {
        if (names.Length == 0)
            throw new ArgumentException($"There is no column of features beside '{id}'; select at least one.");
        if (names.Distinct().Count() != names.Length || names.Contains(id))
            throw new ArgumentException($"Features [{string.Join(", ", names)}] by '{id}': a column is named twice.");
    }
}
