namespace MLNetRecExt.AspNetCore.Page;

/// <summary>An item that is added to a history to see what changes.</summary>
/// <param name="Text">What was asked for.</param>
/// <param name="Index">Index of the item; −1 where the model knows none of that id or title.</param>
/// <param name="Item">The item.</param>
internal sealed record WhatIfItem(string Text, int Index, CatalogueItem<string> Item)
{
    /// <summary>Finds an item by its id, or by its whole title.</summary>
    public static WhatIfItem Find(RecommenderDesk desk, RecommenderModel model, string text)
    {
        var index = model.Items.IndexOf(text);
        if (index < 0 && desk.Find(text, 1) is [var hit] && string.Equals(hit.Title, text, StringComparison.OrdinalIgnoreCase))
            index = model.Items.IndexOf(hit.Id);
        return model.IsKnownItem(index) ? new(text, index, desk.Entry(model, index)) : new(text, -1, new(text));
    }
}
