using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace MLNetRecExt.AspNetCore.Page;

/// <inheritdoc cref="RecommenderDesk"/>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
internal sealed class RecommenderDesk<TUser, TItem>(
    RecommenderService<TUser, TItem> service, RecommenderSlot<TUser, TItem> slot, bool hasCatalogue) : RecommenderDesk
    where TUser : notnull
    where TItem : notnull
{
    private CatalogueIndex<TItem>? _index;

    public override string Name => service.Name;

    public override RecommenderStatus Status => service.Status;

    public override RecommenderModel? Model => service.Model;

    public override bool HasCatalogue => hasCatalogue;

    public override RecommendationFallback Fallback => service.Options.Fallback;

    public override int DefaultListLength => service.Options.DefaultListLength;

    public override CatalogueItem<string>? Entry(string item) =>
        TryParse<TItem>(item, out var id) && Index?.ById.GetValueOrDefault(id) is { } entry ? ToText(entry) : null;

    public override IReadOnlyList<CatalogueItem<string>> Find(string text, int count)
    {
        if (slot.Catalogue is { } catalogue)
            return [.. catalogue.Items.Where(item => Holds(item.Title, text) || Holds(IdText.Of(item.Id), text))
                .OrderByDescending(item => string.Equals(item.Title, text, StringComparison.OrdinalIgnoreCase)).Take(count).Select(ToText)];
        if (Model?.Items is not { } ids)
            return [];
        return [.. Enumerable.Range(0, ids.Count).Select(ids.GetText).Where(id => Holds(id, text)).Take(count)
            .Select(id => new CatalogueItem<string>(id))];
    }

    public override ItemFilter? InStock(RecommenderModel model)
    {
        if (slot.Serving is { Filters: { } filters } serving && serving.Served.Model == model)
            return filters.For(new());
        // The model was swapped a moment ago, or the catalogue was not read yet.
        return slot.Catalogue is { } catalogue ? ItemFilter.Only(model.Items.IndicesOf(catalogue.Passing(new()))) : null;
    }

    public override async ValueTask<(IReadOnlyList<HistoryEntry<string>> Entries, string? Failure)> SinceTrainingAsync(
        string user, RecommenderModel model, CancellationToken cancellationToken)
    {
        if (service.History is not { } history)
            return ([], null);
        if (!TryParse<TUser>(user, out var id))
            return ([], $"Ids of users are {typeof(TUser).Name}, and this is none.");
        try
        {
            var entries = await history.ReadAsync(id, model.Info, cancellationToken);
            return ([.. entries.Select(entry =>
                new HistoryEntry<string>(IdText.Of(entry.Item), entry.Label, entry.Weight, entry.Timestamp))], null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return ([], e is OperationCanceledException ? $"It was not told within {service.Options.HistoryTimeout}." : e.Message);
        }
    }

    /// <summary>The items of the catalogue by id, made when first asked for.</summary>
    private CatalogueIndex<TItem>? Index
    {
        get
        {
            if (slot.Catalogue?.Items is not { } items)
                return null;
            var index = _index;
            return index?.Items == items ? index : _index = new(items);
        }
    }

    private static bool TryParse<TId>(string text, [MaybeNullWhen(false)] out TId id)
        where TId : notnull
    {
        id = default;
        try
        {
            id = (TId?)TypeDescriptor.GetConverter(typeof(TId)).ConvertFromInvariantString(text);
        }
        // Converters wrap what they fail by in ArgumentException, or do not.
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
        }
        return id is not null && IdText.Of(id) == text;
    }

    private static CatalogueItem<string> ToText(CatalogueItem<TItem> item) =>
        new(IdText.Of(item.Id), item.Title, item.Category, item.InStock, item.Price);

    private static bool Holds(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
}
