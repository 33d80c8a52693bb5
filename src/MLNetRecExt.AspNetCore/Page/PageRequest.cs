using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>What was asked of the operator's page, within bounds, and the addresses of its views.</summary>
internal sealed class PageRequest
{
    /// <summary>The longest text that is looked at; the rest of a longer one is passed over.</summary>
    public const int MaxText = 200;

    private readonly IQueryCollection _query;
    private readonly string _root;

    public PageRequest(HttpContext context, string view, IReadOnlyList<RecommenderDesk> desks, DateTimeOffset now)
    {
        _query = context.Request.Query;
        Desks = desks;
        View = view;
        Now = now;
        // The page may stand under any path: its own address without the name of the view.
        var path = (context.Request.PathBase + context.Request.Path).ToUriComponent().TrimEnd('/');
        _root = view.Length == 0 ? path : path[..^(view.Length + 1)];
        Desk = Named("model") ?? (Text("model") is null ? desks.FirstOrDefault() : null);
    }

    /// <summary>All registered recommenders.</summary>
    public IReadOnlyList<RecommenderDesk> Desks { get; }

    /// <summary>The one asked about, or the first; null where there is none of that name.</summary>
    public RecommenderDesk? Desk { get; }

    /// <summary>Name of the view.</summary>
    public string View { get; }

    public DateTimeOffset Now { get; }

    public string StyleSheet => $"{_root}/{PageStyle.FileName}";

    /// <summary>The recommender that a part of the query names; null for none.</summary>
    public RecommenderDesk? Named(string key) => Text(key) is { } name ? Desks.FirstOrDefault(desk => desk.Name == name) : null;

    /// <summary>A part of the query; null where it is missing or empty.</summary>
    public string? Text(string key) => Texts(key, 1) is [var text] ? text : null;

    /// <summary>The first parts of the query that have a name and hold something.</summary>
    public IReadOnlyList<string> Texts(string key, int count) =>
        [.. _query[key].Select(Trim).OfType<string>().Distinct(StringComparer.Ordinal).Take(count)];

    /// <summary>How many items a list shall have: as asked, or as the recommender has it when nobody says.</summary>
    public int ListLength(RecommenderDesk desk) =>
        int.TryParse(Text("count"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? Math.Clamp(count, 1, DeskList.MaxLength)
        : Math.Min(desk.DefaultListLength, DeskList.MaxLength);

    /// <summary>The address of a view about the same recommender.</summary>
    /// <param name="view">Its name; empty for the overview.</param>
    /// <param name="parts">Parts of the query; those without a value are left out.</param>
    public string Link(string view, params IEnumerable<(string Key, string? Value)> parts)
    {
        var query = new QueryBuilder();
        if (view is not ("" or Views.Compare) && Desk is { } desk && Desks.Count > 1)
            query.Add("model", desk.Name);
        foreach (var (key, value) in parts)
            if (!string.IsNullOrEmpty(value))
                query.Add(key, value);
        return (view.Length == 0 && _root.Length > 0 ? _root : $"{_root}/{view}") + query.ToString();
    }

    private static string? Trim(string? text) =>
        text?.Trim() is { Length: > 0 } trimmed ? trimmed[..Math.Min(trimmed.Length, MaxText)] : null;
}
