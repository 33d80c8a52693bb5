using System.Globalization;

namespace MLNetRecExt;

/// <summary>Ids that are selected from objects.</summary>
/// <typeparam name="TId">Type of the ids, of which null is missing.</typeparam>
internal sealed class SelectedIds<TId> : IdReader
{
    private readonly Func<TId> _next;
    private readonly ValueIds _ids;

    /// <param name="next">The id of the current object.</param>
    /// <param name="known">Ids that keep their indices; null: none.</param>
    /// <param name="role">"users", "items" or "ids".</param>
    /// <exception cref="ArgumentException">Ids cannot be of the type, or not continue those that are known.</exception>
    public SelectedIds(Func<TId> next, IdMap? known, string role)
    {
        _next = next;
        _ids = ValueIds.KindOf(typeof(TId)) is { } kind
            ? new(kind, known)
            : throw new ArgumentException($"What is selected for {role} is {typeof(TId).Name}; {ValueIds.Types} is needed. Select another member, or convert it.");
    }

    public override string? Value => _next() is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    public override string Needed => _ids.Needed;

    public override bool Read() => _ids.Take(_next());

    public override void Enqueue() => _ids.Enqueue();

    public override void Dequeue(Span<int> indices) => _ids.Dequeue(indices);

    public override IdMap ToMap() => _ids.ToMap();
}
