using System.Globalization;
using Microsoft.ML.Data;

namespace MLNetRecExt;

/// <summary>Ids of a column of a data reader. The first of them tells the kind of all, unless ids are continued.</summary>
internal sealed class DbIds : IdReader
{
    private readonly DbColumn _column;
    private readonly IdMap? _known;
    private readonly DataKind _declared;
    private readonly Func<bool> _read;
    private ValueIds? _ids;

    /// <param name="column">The column.</param>
    /// <param name="known">Ids that keep their indices; null: none.</param>
    /// <param name="role">"users", "items" or "ids".</param>
    public DbIds(DbColumn column, IdMap? known, string role)
    {
        (_column, _known) = (column, known);
        _declared = ValueIds.KindOf(column.Type) ?? DataKind.String;
        _read = column.OpenIds(role, type => ValueIds.KindOf(type) is { } kind ? _ids ??= new(kind, known) : null);
    }

    public override string? Value => _column.Value is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    public override string Needed => Ids.Needed;

    public override bool Read() => _read();

    public override void Enqueue() => Ids.Enqueue();

    public override void Dequeue(Span<int> indices) => Ids.Dequeue(indices);

    public override IdMap ToMap() => Ids.ToMap();

    private ValueIds Ids => _ids ??= new(_declared, _known);
}
