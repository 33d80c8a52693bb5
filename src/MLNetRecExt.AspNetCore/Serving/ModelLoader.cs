using System.Security.Cryptography;

namespace MLNetRecExt.AspNetCore;

/// <summary>Reads what was published: whole, sound, and of the types of id that are served.</summary>
internal sealed class ModelLoader<TUser, TItem>(RecommenderServiceOptions options, TimeProvider time)
    where TUser : notnull
    where TItem : notnull
{
    private const int VersionLength = 12;

    /// <summary>Opens it as a stream that can seek.</summary>
    public static async Task<Stream> OpenAsync(PublishedModel published, CancellationToken cancellationToken)
    {
        var stream = await published.OpenAsync(cancellationToken);
        if (stream.CanSeek)
            return stream;
        await using (stream)
        {
            var copy = new FileStream(Path.GetTempFileName(), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            });
            await stream.CopyToAsync(copy, cancellationToken);
            copy.Position = 0;
            return copy;
        }
    }

    public static async Task<string> VersionOfAsync(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken))[..VersionLength];

    /// <exception cref="InvalidDataException">It is no sound model.</exception>
    /// <exception cref="ArgumentException">Its ids are of other types.</exception>
    public ServedModel<TUser, TItem> Read(Stream stream, string version, DateTimeOffset? publishedAt)
    {
        stream.Position = 0;
        var model = RecommenderModel.Load(stream, new LoadOptions { AllowPipelines = options.AllowPipelines });
        var recommender = model.For<TUser, TItem>(new RecommenderOptions
        {
            Fallback = options.Fallback,
            UnknownItems = UnknownItemHandling.LeaveOut,
            // The others answer requests.
            NumberOfThreads = 1,
        });
        return new(recommender, version, model.Info?.Trained ?? publishedAt, time.GetUtcNow());
    }
}
