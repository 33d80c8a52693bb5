using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Collects <see cref="Interactions"/> from objects, by the rules of <see cref="InteractionReader"/>.</summary>
internal sealed class SelectedInteractions<T, TUser, TItem>
{
    private readonly InteractionCollector _rows;
    private T _row = default!;

    /// <param name="user">The user of an object.</param>
    /// <param name="item">The item of an object.</param>
    /// <param name="selectors">What else is read of it.</param>
    /// <param name="options">How to read.</param>
    /// <exception cref="ArgumentException">Ids cannot be of such a type or not continue the given ones; or an option is out of
    /// range.</exception>
    public SelectedInteractions(Func<T, TUser> user, Func<T, TItem> item, InteractionSelectors<T> selectors, InteractionReadOptions options)
    {
        options.Validate();
        var columns = new InteractionColumns("user", "item", Named(selectors.Label, "label"), Named(selectors.Weight, "weight"),
            Named(selectors.Timestamp, "timestamp"));
        _rows = new(columns, options)
        {
            User = new SelectedIds<TUser>(() => user(_row), options.FirstUsers, "users"),
            Item = new SelectedIds<TItem>(() => item(_row), options.FirstItems, "items"),
            Label = Number(selectors.Label),
            Weight = Number(selectors.Weight),
            Timestamp = selectors.Timestamp is { } time ? () => time(_row) : () => 0,
        };

        static string? Named(Delegate? selector, string name) => selector is null ? null : name;

        Func<float> Number(Func<T, double?>? selector) => selector is null ? () => 1 : () => (float)(selector(_row) ?? double.NaN);
    }

    /// <exception cref="InvalidDataException">The row is bad and the options say to throw.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Add(T row)
    {
        _row = row;
        _rows.AddRow();
    }

    /// <param name="channel">Where counts are logged.</param>
    public Interactions Finish(IChannel channel) => _rows.Finish(channel, hasFractions: false);
}
