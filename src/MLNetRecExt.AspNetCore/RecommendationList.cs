using System.Text.Json.Serialization;

namespace MLNetRecExt.AspNetCore;

/// <summary>An answer: items, best first, and where they come from.</summary>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
/// <param name="ListId">Names this list in feedback and traces: 32 hexadecimal digits, another for each list.</param>
/// <param name="Model">Name of the recommender that answered: in a test of two, the variant.</param>
/// <param name="Version">Version of its model: the first 12 hexadecimal digits of the SHA-256 of its file. Empty when none is
/// loaded.</param>
/// <param name="Reason">Whether it is the model's, with or without a history folded in, or what is popular.</param>
/// <param name="Items">The items.</param>
public sealed record RecommendationList<TItem>(
    string ListId,
    string Model,
    string Version,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RecommendationReason>))] RecommendationReason Reason,
    IReadOnlyList<RecommendedItem<TItem>> Items);
