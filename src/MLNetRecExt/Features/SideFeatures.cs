using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>
/// What is known of users or items beside interactions, by id: categories (text, keys or Boolean; one or several) and numbers (Single, or
/// DateTime as days). Immutable.
/// </summary>
/// <remarks>Empty text, a missing key, a number that is NaN or infinite, and the first moment of the year 1 are missing.
/// <c>Data.ReadFeatures</c> makes it.</remarks>
public sealed class SideFeatures
{
    internal SideFeatures(IdMap ids, FeatureColumn[] columns)
    {
        Ids = ids;
        Columns = columns;
    }

    /// <summary>The users or items, in order of their first row. Interactions that are read with these ids have an index for each, taken
    /// or not.</summary>
    public IdMap Ids { get; }

    /// <summary>Names of the features.</summary>
    public IReadOnlyList<string> Names => Array.ConvertAll(Columns, column => column.Name);

    internal FeatureColumn[] Columns { get; }

    /// <summary>Categories and numbers of all ids together.</summary>
    internal long EntryCount => Columns.Sum(column => column.Categories is null
        ? (long)column.Size * column.Numbers.Length
        : column.Codes.Sum(codes => (long)codes.Length));

    /// <summary>Places of a vector of them: one per category, and per number of an id.</summary>
    internal long PlaceCount => Columns.Sum(column => (long)(column.Categories?.Length ?? column.Size));

    /// <summary>How many ids there are and what is known of them, in one line, like <c>1,682 ids; Year: number, Genres: 19
    /// categories</c>.</summary>
    public override string ToString()
    {
        var columns = Columns.Length == 0 ? "no feature" : string.Join(", ", Columns.Select(Describe));
        return FormattableString.Invariant($"{Ids.Count:N0} ids; {columns}");
    }

    private static string Describe(FeatureColumn column) =>
        (column.Categories, column.Type.IsDates ? "date" : "number") switch
        {
            ({ } categories, _) => FormattableString.Invariant($"{column.Name}: {categories.Length:N0} categories"),
            (null, var what) when column.Size == 1 => $"{column.Name}: {what}",
            (null, var what) => $"{column.Name}: {column.Size} {what}s",
        };

    /// <summary>The feature of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal FeatureColumn Column(string name) => Array.Find(Columns, column => column.Name == name)
        ?? throw new ArgumentException($"There is no feature '{name}'; there are {string.Join(", ", Names)}.");

    /// <summary>The same ids with the columns that a model learned, in its order. Categories that it did not learn are missing.</summary>
    /// <param name="learned">The columns by name and type, with their categories, or null for numbers, and how many there are.</param>
    /// <exception cref="ArgumentException">A column is missing, or of another kind.</exception>
    internal SideFeatures As(IReadOnlyList<(string Name, FeatureType Type, string[]? Categories, int Size)> learned)
    {
        var columns = new FeatureColumn[learned.Count];
        for (int c = 0; c < columns.Length; c++)
        {
            var (name, type, categories, size) = learned[c];
            var column = Column(name);
            var was = column with { Type = type, Categories = categories, Size = size };
            if (categories is null != column.Categories is null || type.IsDates != column.Type.IsDates
                || (categories is null && column.Size != size))
                throw new ArgumentException(
                    $"The features have {Describe(column)}, and the model learned {Describe(was)}; read the column as for training.");
            columns[c] = categories is null ? column : Recoded(column, categories);
        }
        return new SideFeatures(Ids, columns);
    }

    private static FeatureColumn Recoded(FeatureColumn column, string[] categories)
    {
        if (ReferenceEquals(categories, column.Categories) || categories.AsSpan().SequenceEqual(column.Categories))
            return column;
        var places = categories.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        var placeOf = Array.ConvertAll(column.Categories!, category => places.GetValueOrDefault(category, -1));
        return column with
        {
            Categories = categories,
            Codes = Array.ConvertAll(
                column.Codes, codes => Array.FindAll(Array.ConvertAll(codes, code => placeOf[code]), place => place >= 0)),
        };
    }

    /// <summary>The ids that interactions are read with from a view, so that each of these has an index; null where the view's are of
    /// another kind, and found by their text.</summary>
    internal IdMap? StartingIds(DataViewSchema schema, string columnName) =>
        !Ids.IsKey && Ids.Type.Equals(schema.GetColumnOrNull(columnName)?.Type) ? Ids : null;

    /// <summary>The row here of each of some ids, −1 where there is none.</summary>
    /// <param name="ids">Whose indices count.</param>
    /// <param name="leftOut">Gets the number of ids here that <paramref name="ids"/> lacks.</param>
    internal int[] RowsOf(IdMap ids, out int leftOut)
    {
        var rows = new int[ids.Count];
        rows.AsSpan().Fill(-1);
        leftOut = 0;
        var sameIds = ids.Extends(Ids);
        for (int row = 0; row < Ids.Count; row++)
        {
            var index = sameIds ? row : ids.IndexOf(Ids.GetText(row));
            if (index >= 0)
                rows[index] = row;
            else
                leftOut++;
        }
        return rows;
    }

    /// <summary>The row here of each item of a model, −1 where there is none.</summary>
    /// <exception cref="ArgumentException">No item of the model is among them.</exception>
    internal int[] RowsOfItems(IdMap items, string parameter)
    {
        var rows = RowsOf(items, out var leftOut);
        return leftOut < Ids.Count || Ids.Count == 0 || items.Count == 0 ? rows : throw new ArgumentException(
            $"The features are of no item of the model; their ids look like '{Ids.GetText(0)}', the model's like '{items.GetText(0)}'.",
            parameter);
    }

    /// <summary>Checks that a view has the columns, with types that features can have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has a wrong type.</exception>
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
            throw new ArgumentOutOfRangeException(null,
                $"Column '{idColumnName}' is {id.Type}; for ids {InteractionColumns.NeededIds}, one per row, is needed. "
                + $"{InteractionColumns.IdRemedy(idColumnName, id.Type.RawType)}.");
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
