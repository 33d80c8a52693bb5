using System.Security.Cryptography;

namespace MLNetRecExt.AspNetCore.Page;

/// <summary>The one style sheet. Its name changes with its content, so that it may be kept for ever.</summary>
internal static class PageStyle
{
    private const string Resource = "MLNetRecExt.AspNetCore.page.css";

    public static ReadOnlyMemory<byte> Content { get; } = Read();

    public static string FileName { get; } = $"page.{Convert.ToHexStringLower(SHA256.HashData(Content.Span))[..12]}.css";

    private static byte[] Read()
    {
        using var resource = typeof(PageStyle).Assembly.GetManifestResourceStream(Resource)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}
