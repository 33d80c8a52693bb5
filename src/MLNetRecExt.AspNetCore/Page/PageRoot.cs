using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>Hands what was asked, and what was found, to a view.</summary>
/// <typeparam name="TView">The component that shows it.</typeparam>
/// <typeparam name="TFound">What it shows.</typeparam>
internal sealed class PageRoot<TView, TFound> : ComponentBase
    where TView : IComponent
{
    [Parameter, EditorRequired]
    public required PageRequest Request { get; set; }

    [Parameter, EditorRequired]
    public required TFound Found { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder) =>
        Cascade(builder, Request, inner => Cascade(inner, Found, innermost =>
        {
            innermost.OpenComponent<TView>(0);
            innermost.CloseComponent();
        }));

    private static void Cascade<TValue>(RenderTreeBuilder builder, TValue value, RenderFragment content)
    {
        builder.OpenComponent<CascadingValue<TValue>>(0);
        builder.AddComponentParameter(1, nameof(CascadingValue<TValue>.Value), value);
        builder.AddComponentParameter(2, nameof(CascadingValue<TValue>.IsFixed), true);
        builder.AddComponentParameter(3, nameof(CascadingValue<TValue>.ChildContent), content);
        builder.CloseComponent();
    }
}
