using Microsoft.AspNetCore.Components;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Text in a picture, whose element's name means something else in Razor.</summary>
internal static class SvgText
{
    /// <summary>A text at a place.</summary>
    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="text">What it says.</param>
    /// <param name="style">Its class; null for none.</param>
    public static RenderFragment At(double x, double y, string anchor, string text, string? style = null) => builder =>
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", Figure.Short(x));
        builder.AddAttribute(2, "y", Figure.Short(y));
        builder.AddAttribute(3, "text-anchor", anchor);
        builder.AddAttribute(4, "class", style);
        builder.AddContent(5, text);
        builder.CloseElement();
    };
}
