using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// What is known of users or items beside interactions, by id: categories (text, keys or Boolean; one or several) and numbers (Single). Immutable.
/// </summary>
/// <remarks>Empty text, a missing key, and a number that is NaN or infinite are missing. <see cref="RecommenderDataCatalog.ReadFeatures"/> makes it.</remarks>
public sealed class SideFeatures
{
    private SideFeatures(IdMap ids, FeatureColumn[] columns)
    {
        Ids = ids;
        Columns = columns;
    }

    /// <summary>The users or items, in order of their first row. Interactions that are read with these ids have an index for each, taken or not.</summary>
    public IdMap Ids { get; }

    /// <summary>Names of the features.</summary>
    public IReadOnlyList<string> Names => Array.ConvertAll(Columns, column => column.Name);

    internal FeatureColumn[] Columns { get; }

    /// <summary>Checks that a view has the columns, with types that features can have.</summary>
    /// <exception cref="ArgumentException">A column is missing or has a wrong type.</exception>
    internal static void Check(DataViewSchema schema, IEnumerable<string> names)
    {
        foreach (var name in names)
            FeatureColumnReader.Check(name, IdColumn.Find(schema, name, "features").Type);
    }

    /// <param name="data">A row per id, or more, of which the last counts.</param>
    /// <param name="idColumnName">Column of ids.</param>
    /// <param name="names">Columns of features.</param>
    /// <param name="known">Ids that keep their indices; null: none.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="ArgumentException">A column is missing, named twice, or has a wrong type.</exception>
    internal static SideFeatures Read(IDataView data, string idColumnName, IReadOnlyList<string> names, IdMap? known, CancellationToken cancellationToken)
    {
        var id = IdColumn.Find(data.Schema, idColumnName, "ids");
        if (id.Type is not KeyDataViewType && !InteractionColumns.IsRawId(id.Type.RawType))
            throw new ArgumentException($"Column '{idColumnName}' is {id.Type}; for ids a key or raw ids (text, Int32, Int64, UInt32, UInt64), one per row, are needed.");
        if (names.Count == 0)
            throw new ArgumentException("No column of features is named; name at least one.", nameof(names));
        if (names.Distinct().Count() != names.Count || names.Contains(idColumnName))
            throw new ArgumentException($"Features [{string.Join(", ", names)}] by '{idColumnName}': a column is named twice.", nameof(names));
        Check(data.Schema, names);

        var features = names.Select(name => data.Schema[name]).ToArray();
        using var cursor = data.GetRowCursorSet([id, .. features], 1)[0];
        var ids = IdReader.Open(cursor, id, known);
        var readers = Array.ConvertAll(features, column => new FeatureColumnReader(cursor, column));
        while (cursor.MoveNext())
        {
            if (cursor.Position % 65536 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (!ids.Read())
                continue;
            var index = ids.Index();
            foreach (var reader in readers)
                reader.Read(index);
        }
        var map = ids.ToMap();
        return new SideFeatures(map, Array.ConvertAll(readers, reader => reader.ToColumn(map.Count)));
    }
}
