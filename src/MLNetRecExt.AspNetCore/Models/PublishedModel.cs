namespace MLNetRecExt.AspNetCore;

/// <summary>A model that was published and can be read.</summary>
/// <param name="Stamp">Other whenever the model is: an ETag, a version, length and time of a file. A model whose stamp was looked at is not
/// read again.</param>
/// <param name="OpenAsync">Opens what <c>model.Save</c> wrote. The stream is disposed after reading; one that cannot seek is copied to a
/// temporary file first.</param>
/// <param name="PublishedAt">When it was published: what its age is counted from where its card does not say when it was trained.</param>
public sealed record PublishedModel(
    string Stamp, Func<CancellationToken, ValueTask<Stream>> OpenAsync, DateTimeOffset? PublishedAt = null);
