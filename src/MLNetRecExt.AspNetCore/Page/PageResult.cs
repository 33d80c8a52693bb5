using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>A view as the answer to a request.</summary>
/// <remarks>Rendered by <see cref="HtmlRenderer"/>, which needs nothing registered: <c>AddRazorComponents</c> would bring data protection,
/// with keys on disk, to every service that only answers questions.</remarks>
/// <typeparam name="TView">The component that shows it.</typeparam>
/// <typeparam name="TFound">What it shows.</typeparam>
internal sealed class PageResult<TView, TFound>(PageRequest request, TFound found, int statusCode) : IResult
    where TView : IComponent
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var root = await renderer.RenderComponentAsync<PageRoot<TView, TFound>>(ParameterView.FromDictionary(
                new Dictionary<string, object?> { [nameof(PageRoot<,>.Request)] = request, [nameof(PageRoot<,>.Found)] = found }));
            return root.ToHtmlString();
        });
        httpContext.Response.StatusCode = statusCode;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        await httpContext.Response.WriteAsync(html, Encoding.UTF8, httpContext.RequestAborted);
    }
}
