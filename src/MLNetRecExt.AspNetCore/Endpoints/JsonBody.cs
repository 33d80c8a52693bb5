using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MLNetRecExt.AspNetCore;

/// <summary>Reads JSON from a request within limits of bytes and depth, whatever the server allows.</summary>
internal static class JsonBody
{
    private const int MaxDepth = 8, Chunk = 8192;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        MaxDepth = MaxDepth,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <exception cref="BadHttpRequestException">It is no JSON, another than is needed, or too large; with its status code.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, int maxBytes) where T : class
    {
        if (!request.HasJsonContentType())
            throw new BadHttpRequestException(
                "The body must be JSON, of content type application/json.", StatusCodes.Status415UnsupportedMediaType);
        var bytes = await BytesAsync(request, maxBytes);
        try
        {
            return JsonSerializer.Deserialize<T>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), Json)
                ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException($"The body could not be read: {e.Message}", e);
        }
    }

    private static async Task<MemoryStream> BytesAsync(HttpRequest request, int maxBytes)
    {
        var (body, chunk) = (new MemoryStream(), new byte[Chunk]);
        while (request.ContentLength is not { } length || length <= maxBytes)
        {
            var read = await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted);
            if (read == 0)
                return body;
            if (body.Length + read > maxBytes)
                break;
            body.Write(chunk, 0, read);
        }
        throw new BadHttpRequestException($"The body is larger than {maxBytes} bytes.", StatusCodes.Status413PayloadTooLarge);
    }
}
